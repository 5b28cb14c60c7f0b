//! Money that behaves oddly: what is said twice, said of the wrong payment, taken back, or done without us.

use crate::support::payments::{AMOUNT, World, world_with};
use crate::support::scripted::{Scripted, answer, say};
use renewal_portal::ids::{AttemptId, RefundId};
use renewal_portal::money::{Currency, Money};
use renewal_portal::payments::gateway::*;
use renewal_portal::payments::{
    DISPUTED, Gateways, REFUND_EXTERNAL, REFUND_FAILED, REFUND_FINISHED, REFUND_STUCK, RefundReason, StartError,
    queries, refund, start,
};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

fn paid(transaction: &str) -> News {
    let at = OffsetDateTime::from_unix_timestamp(1_790_000_000).unwrap();
    News::Paid(MoneyIn { transaction: transaction.into(), received: cny(AMOUNT), at })
}

async fn scripted() -> (World, Arc<Scripted>) {
    let gateway = Arc::new(Scripted::default());
    (world_with(vec![gateway.clone()]).await, gateway)
}

impl World {
    async fn opened(&self) -> AttemptId {
        // One open order a line: the one before is out of the way.
        sqlx::query("update orders set status = 'cancelled' where status = 'awaiting_payment'")
            .execute(&self.db.pool)
            .await
            .unwrap();
        self.open_at("scripted", self.order().await).await
    }

    async fn named(&self, attempt: AttemptId) -> Option<String> {
        Some(self.attempt(attempt).await.merchant_ref)
    }

    async fn paid_at_scripted(&self, transaction: &str) -> AttemptId {
        let attempt = self.opened().await;
        let name = self.named(attempt).await;
        assert_eq!(self.scripted(&format!("evt_{transaction}"), name, paid(transaction)).await, 200);
        attempt
    }

    async fn give(&self, attempt: AttemptId, minor: i64, reason: RefundReason) -> RefundId {
        let mut tx = self.db.pool.begin().await.unwrap();
        let id = refund::request(&mut tx, attempt, cny(minor), reason, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn stands(&self, id: RefundId) -> &'static str {
        queries::refunds::refund(&self.db.pool, id).await.unwrap().unwrap().status.as_str()
    }

    async fn retry(&self, id: RefundId) {
        let mut tx = self.db.pool.begin().await.unwrap();
        refund::retry(&mut tx, id, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn heard(&self, event: &str, id: RefundId, state: RefundState) -> u16 {
        let number = queries::refunds::refund(&self.db.pool, id).await.unwrap().unwrap().merchant_refund_no;
        self.scripted(event, None, News::Refund { merchant_refund_no: number, answer: answer(state) }).await
    }
}

fn said(note: &str) -> refund::ByHand<'_> {
    refund::ByHand { note, to_customer: None }
}

#[tokio::test]
async fn a_refusal_ends_no_payment_that_an_earlier_call_may_have_made() {
    let (world, gateway) = scripted().await;
    let attempt = world.opened().await;
    let go = || start(&world.db.pool, &world.clock, &world.gateways, attempt);
    say(&gateway.create, Err(GatewayError::Unknown("no answer".into())));
    assert!(matches!(go().await, Err(StartError::Unknown(_))));
    say(&gateway.create, Err(GatewayError::Rejected("reference used".into())));
    assert!(matches!(go().await, Err(StartError::Rejected(_))));
    assert_eq!(world.state(attempt).await, "unknown", "the first call may have made it");
    say(&gateway.query, Ok(Standing::Open));
    world.look(attempt).await;

    let other = world.opened().await;
    say(&gateway.create, Err(GatewayError::Rejected("out of range".into())));
    assert!(start(&world.db.pool, &world.clock, &world.gateways, other).await.is_err());
    assert_eq!(world.state(other).await, "failed", "nothing was ever made");
}

#[tokio::test]
async fn what_cannot_be_stopped_makes_room_and_is_closed_when_its_time_is_over() {
    let (world, gateway) = scripted().await;
    let attempt = world.opened().await;
    let order = world.attempt(attempt).await.order_id;
    say(&gateway.close, Ok(CloseAnswer::NotYetCreated));
    let status =
        renewal_portal::payments::close::close_now(&world.db.pool, &world.clock, &world.gateways, attempt).await;
    assert_eq!(status.unwrap().as_str(), "abandoned");
    let other = world.open(order).await;
    assert_eq!(world.state(other).await, "creating", "a second way to pay is open beside it");
    world.pass(46 * 60).await;
    say(&gateway.close, Ok(CloseAnswer::NotYetCreated));
    world.work().await;
    assert_eq!(world.state(attempt).await, "closed");
}

#[tokio::test]
async fn a_refund_that_succeeded_and_then_failed_is_told_both_times() {
    let (world, gateway) = scripted().await;
    let attempt = world.paid_at_scripted("tx_1").await;
    let id = world.give(attempt, 1000, RefundReason::Operator).await;
    say(&gateway.refund, Ok(answer(RefundState::Accepted)));
    world.work().await;
    assert_eq!(world.heard("r1", id, RefundState::Succeeded).await, 200);
    assert_eq!(world.heard("r2", id, RefundState::Failed("account closed".into())).await, 200);
    assert_eq!(world.stands(id).await, "manual");
    assert_eq!((world.told(REFUND_FINISHED).await, world.told(REFUND_FAILED).await), (1, 1));
}

#[tokio::test]
async fn a_refund_that_failed_and_failed_again_is_told_each_time_under_one_number() {
    let (world, gateway) = scripted().await;
    let attempt = world.paid_at_scripted("tx_1").await;
    let id = world.give(attempt, 1000, RefundReason::Operator).await;
    for failures in 1..=3 {
        say(&gateway.refund, Err(GatewayError::Rejected("insufficient balance".into())));
        world.work().await;
        assert_eq!((world.stands(id).await, world.told(REFUND_FAILED).await), ("failed", failures));
        world.retry(id).await;
    }
    say(&gateway.refund, Ok(answer(RefundState::Succeeded)));
    world.work().await;
    assert_eq!((world.stands(id).await, world.told(REFUND_FINISHED).await), ("succeeded", 1));
    let numbers = gateway.refunded.lock().unwrap().clone();
    assert!(numbers.len() == 4 && numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
}

#[tokio::test]
async fn a_refund_of_a_gateway_that_is_gone_waits_and_calls_a_person() {
    let (world, gateway) = scripted().await;
    let attempt = world.paid_at_scripted("tx_1").await;
    let id = world.give(attempt, 1000, RefundReason::Late).await;
    let mut without = world_without_it(&world);
    for _ in 0..40 {
        without.work().await;
        without.pass(3600).await;
    }
    assert_eq!(world.stands(id).await, "requested");
    let job = "select count(*) from jobs where kind = $1 and state = 'ready'";
    assert_eq!((world.count(job, refund::JOB).await, world.told(REFUND_STUCK).await), (1, 1), "it waits, and was told");
    without.gateways = world.gateways.clone();
    say(&gateway.refund, Ok(answer(RefundState::Succeeded)));
    without.work().await;
    assert_eq!(world.stands(id).await, "succeeded");
}

fn world_without_it(world: &World) -> World {
    world.with_gateways(Gateways::rehearsal(vec![]))
}

#[tokio::test]
async fn a_refund_that_is_accepted_for_ever_calls_a_person() {
    let (world, gateway) = scripted().await;
    let attempt = world.paid_at_scripted("tx_1").await;
    let id = world.give(attempt, 1000, RefundReason::Late).await;
    say(&gateway.refund, Ok(answer(RefundState::Accepted)));
    for _ in 0..30 {
        world.work().await;
        say(&gateway.query_refund, Ok(Some(answer(RefundState::Accepted))));
        world.pass(3600).await;
    }
    assert_eq!((world.stands(id).await, world.told(REFUND_STUCK).await), ("submitted", 1));
    gateway.query_refund.lock().unwrap().clear();
    say(&gateway.query_refund, Ok(Some(answer(RefundState::Succeeded))));
    world.work().await;
    assert_eq!(world.stands(id).await, "succeeded");
}

fn elsewhere(id: &str, minor: i64) -> News {
    News::RefundElsewhere {
        transaction: "tx_1".into(),
        provider_refund_id: id.into(),
        amount: cny(minor),
        state: RefundState::Succeeded,
    }
}

#[tokio::test]
async fn a_refund_made_at_the_gateway_takes_from_what_is_left_and_calls_a_person() {
    let (world, _) = scripted().await;
    assert_eq!(world.scripted("e0", None, elsewhere("re_9", 1000)).await, 404, "of money that is not known yet");
    let attempt = world.paid_at_scripted("tx_1").await;
    assert_eq!(world.scripted("e0", None, elsewhere("re_9", 1000)).await, 200);
    assert_eq!(world.scripted("e1", None, elsewhere("re_9", 1000)).await, 200, "the same, told by another event");
    assert_eq!(world.told(REFUND_EXTERNAL).await, 1);
    assert_eq!(world.attempt(attempt).await.refund_reserved_minor, 1000);
    assert_eq!(world.scripted("e2", None, elsewhere("re_10", AMOUNT)).await, 200);
    assert_eq!(world.attempt(attempt).await.refund_reserved_minor, AMOUNT, "never more than came");
    let rows = "select count(*) from refunds where reason = $1 and status = 'succeeded'";
    assert_eq!(world.count(rows, "external").await, 2);
}

#[tokio::test]
async fn of_disputed_money_nothing_goes_back_by_itself() {
    let (world, gateway) = scripted().await;
    let attempt = world.paid_at_scripted("tx_1").await;
    let before = world.give(attempt, 1000, RefundReason::Late).await;
    let news = |detail: &str| News::Disputed { transaction: "tx_1".into(), detail: detail.into() };
    assert_eq!(world.scripted("d1", None, news("opened")).await, 200);
    assert_eq!(world.scripted("d1", None, news("opened")).await, 200);
    assert_eq!(world.scripted("d2", None, news("lost")).await, 200);
    assert_eq!(world.told(DISPUTED).await, 2, "each of its news once");
    world.work().await;
    assert_eq!(world.stands(before).await, "manual", "asked for before, and not sent");

    let other = world.paid_at_scripted("tx_2").await;
    sqlx::query("update payment_attempts set disputed_at = now() where id = $1")
        .bind(other)
        .execute(&world.db.pool)
        .await
        .unwrap();
    let after = world.give(other, AMOUNT, RefundReason::ProvisioningFailed).await;
    world.work().await;
    assert_eq!((world.stands(after).await, gateway.refunded.lock().unwrap().len()), ("manual", 0));
    world.retry(after).await;
    say(&gateway.refund, Ok(answer(RefundState::Succeeded)));
    world.work().await;
    assert_eq!(world.stands(after).await, "succeeded", "a person may");
}

#[tokio::test]
async fn one_transaction_stated_for_two_payments_is_parked_with_a_case() {
    let (world, gateway) = scripted().await;
    world.paid_at_scripted("tx_1").await;
    let second = world.opened().await;
    let name = world.named(second).await;
    assert_eq!(world.scripted("evt_again", name.clone(), paid("tx_1")).await, 200, "not a server error for ever");
    assert_eq!(world.state(second).await, "failed");
    assert_eq!(world.count("select count(*) from cases where kind = $1", "transaction_reused").await, 1);
    let third = world.opened().await;
    say(
        &gateway.query,
        Ok(Standing::Paid(MoneyIn { transaction: "tx_1".into(), received: cny(AMOUNT), at: world.clock.now() })),
    );
    assert_eq!(world.look(third).await.status.as_str(), "failed", "said when asked, too");
    world.pass(Duration::minutes(1).whole_seconds()).await;
}

#[tokio::test]
async fn done_by_hand_is_done() {
    let (world, gateway) = scripted().await;
    let attempt = world.paid_at_scripted("tx_1").await;
    let id = world.give(attempt, 1000, RefundReason::Operator).await;
    say(&gateway.refund, Err(GatewayError::Rejected("card expired".into())));
    world.work().await;
    let mut tx = world.db.pool.begin().await.unwrap();
    refund::done_by_hand(&mut tx, id, said("bank transfer 4711"), world.clock.now()).await.unwrap();
    assert!(refund::done_by_hand(&mut tx, id, said("again"), world.clock.now()).await.is_err());
    tx.commit().await.unwrap();
    assert_eq!((world.stands(id).await, world.told(REFUND_FINISHED).await), ("succeeded", 1));
    assert_eq!(world.heard("late", id, RefundState::Failed("card expired".into())).await, 200);
    assert_eq!(world.stands(id).await, "succeeded", "the gateway's word is about what it did not do");
}
