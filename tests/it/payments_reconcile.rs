//! A day's statement against our books, what was missed, and clocks that run apart.

use crate::support::payments::{AMOUNT, World, world_with};
use crate::support::scripted::{Scripted, say};
use renewal_portal::clock::Clock;
use renewal_portal::money::{Currency, Money};
use renewal_portal::payments::gateway::*;
use renewal_portal::payments::model::Destination;
use renewal_portal::payments::{Gateways, RefundReason, check, reconcile, refund, replay};
use std::sync::Arc;
use time::Duration;

async fn scripted() -> (World, Arc<Scripted>) {
    let gateway = Arc::new(Scripted::default());
    (world_with(vec![gateway.clone()]).await, gateway)
}

impl World {
    async fn lists(&self) -> Vec<(String, Option<String>)> {
        sqlx::query_as("select list, repair from reconciliation_items order by id")
            .fetch_all(&self.db.pool)
            .await
            .unwrap()
    }

    async fn hold(&self, gateway: &str, days_ago: i64) {
        let gateway = self.gateways.named(gateway).unwrap();
        let day = self.clock.now().date() - Duration::days(days_ago);
        reconcile::of_day(&self.db.pool, &self.clock, gateway.as_ref(), day).await.unwrap();
    }

    fn line(&self, reference: &str, transaction: &str, minor: i64) -> StatementLine {
        StatementLine {
            kind: StatementKind::Payment,
            merchant_ref: Some(reference.into()),
            transaction: transaction.into(),
            amount: Money::new(minor, Currency::Cny),
            at: self.clock.now(),
        }
    }
}

#[tokio::test]
async fn a_day_at_the_sandbox_agrees_with_ours() {
    let (world, _) = scripted().await;
    let attempt = world.paid().await;
    let mut tx = world.db.pool.begin().await.unwrap();
    let amount = Money::new(1000, Currency::Cny);
    refund::request(&mut tx, attempt, amount, RefundReason::Operator, world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    for _ in 0..3 {
        world.work().await;
        world.pass(3).await;
    }
    world.hold("sandbox", 0).await;
    assert_eq!(world.lists().await, []);
    let counted = "select count(*) from reconciliation_runs where gateway = $1 and theirs = 2 and ours = 2";
    assert_eq!(world.count(counted, "sandbox").await, 1);
}

#[tokio::test]
async fn what_went_back_to_the_balance_is_not_looked_for_at_the_gateway() {
    let (world, _) = scripted().await;
    let attempt = world.paid().await;
    let mut tx = world.db.pool.begin().await.unwrap();
    let (amount, reason) = (Money::new(1000, Currency::Cny), RefundReason::Operator);
    let wish = refund::Wish { amount, reason, to: Some(Destination::Balance), why: None };
    refund::request_to(&mut tx, attempt, wish, world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    world.hold("sandbox", 0).await;
    assert_eq!(world.lists().await, []);
    let counted = "select count(*) from reconciliation_runs where gateway = $1 and theirs = 1 and ours = 1";
    assert_eq!(world.count(counted, "sandbox").await, 1);
}

#[tokio::test]
async fn money_nobody_told_us_of_is_settled_from_the_statement_and_the_rest_waits_for_a_person() {
    let (world, gateway) = scripted().await;
    let attempt = world.open_at("scripted", world.order().await).await;
    let name = world.attempt(attempt).await.merchant_ref;
    say(&gateway.statement, Ok(vec![world.line(&name, "tx_1", AMOUNT), world.line("R0000", "tx_9", 5)]));
    world.hold("scripted", 0).await;
    assert_eq!(world.state(attempt).await, "succeeded");
    assert_eq!(world.told("payment-settled").await, 1);
    let theirs = "theirs_not_ours".to_owned();
    assert_eq!(world.lists().await, [(theirs.clone(), Some("settled".into())), (theirs, None)]);
    say(&gateway.statement, Ok(vec![]));
    world.hold("scripted", 0).await;
    assert_eq!(world.lists().await.len(), 2, "a day is held against ours once");
}

#[tokio::test]
async fn money_the_gateway_does_not_show_and_another_amount_change_nothing() {
    let (world, gateway) = scripted().await;
    let attempt = world.open_at("scripted", world.order().await).await;
    let name = world.attempt(attempt).await.merchant_ref;
    let money =
        MoneyIn { transaction: "tx_1".into(), received: Money::new(AMOUNT, Currency::Cny), at: world.clock.now() };
    assert_eq!(world.scripted("e1", Some(name.clone()), News::Paid(money)).await, 200);
    say(&gateway.statement, Ok(vec![world.line(&name, "tx_1", AMOUNT - 1)]));
    world.hold("scripted", 0).await;
    assert_eq!(world.lists().await, [("amount_differs".into(), None)]);
    sqlx::query("delete from reconciliation_runs").execute(&world.db.pool).await.unwrap();
    say(&gateway.statement, Ok(vec![]));
    world.hold("scripted", 0).await;
    assert_eq!(world.lists().await, [("ours_not_theirs".into(), None)]);
    assert_eq!(world.attempt(attempt).await.received_minor, Some(AMOUNT));
    sqlx::query("delete from reconciliation_runs").execute(&world.db.pool).await.unwrap();
    say(&gateway.statement, Ok(vec![]));
    say(&gateway.statement, Ok(vec![world.line(&name, "tx_1", AMOUNT)]));
    world.hold("scripted", 0).await;
    assert_eq!(world.lists().await, [], "booked a moment before midnight");
}

#[tokio::test]
async fn a_statement_that_cannot_be_had_is_asked_for_again() {
    let (world, gateway) = scripted().await;
    world.hold("scripted", 0).await;
    let failed = "select count(*) from reconciliation_runs where gateway = $1 and failure is not null";
    assert_eq!(world.count(failed, "scripted").await, 1);
    say(&gateway.statement, Ok(vec![]));
    world.hold("scripted", 0).await;
    assert_eq!(world.count(failed, "scripted").await, 0);
}

#[tokio::test]
async fn what_was_not_delivered_is_fetched_and_applied_once() {
    let (world, gateway) = scripted().await;
    let attempt = world.open_at("scripted", world.order().await).await;
    let money =
        MoneyIn { transaction: "tx_1".into(), received: Money::new(AMOUNT, Currency::Cny), at: world.clock.now() };
    let merchant_ref = Some(world.attempt(attempt).await.merchant_ref);
    let notice = Notice { event_key: "missed".into(), merchant_ref, news: News::Paid(money) };
    for _ in 0..2 {
        say(&gateway.undelivered, Ok(vec![serde_json::to_vec(&notice).unwrap()]));
        replay::fetch_undelivered(&world.db.pool, &world.clock, &world.gateways).await.unwrap();
    }
    assert_eq!((world.state(attempt).await, world.told("payment-settled").await), ("succeeded", 1));
    assert_eq!(world.count("select count(*) from gateway_events where event_key = $1", "missed").await, 1);
}

#[tokio::test]
async fn a_replay_records_nothing_twice_and_keeps_to_its_gateway() {
    let (world, _) = scripted().await;
    world.paid().await;
    let (pool, clock) = (&world.db.pool, &world.clock);
    let since = Some(clock.now() - Duration::hours(1));
    assert_eq!(
        replay::replay(pool, clock, &world.gateways, None, None).await.unwrap().tried,
        0,
        "all of it was applied"
    );
    assert_eq!(replay::replay(pool, clock, &world.gateways, Some("scripted"), since).await.unwrap().tried, 0);
    let again = replay::replay(pool, clock, &world.gateways, Some("sandbox"), since).await.unwrap();
    assert_eq!((again.tried, again.came_through), (1, 1));
    assert_eq!(world.told("payment-settled").await, 1);
    assert_eq!(world.count("select count(*) from gateway_events where outcome = $1", "settled").await, 1);
}

#[tokio::test]
async fn a_clock_that_is_far_apart_is_found() {
    let gateway = Arc::new(Scripted::default());
    let gateways = Gateways::rehearsal(vec![gateway.clone()]);
    for (ahead, fine) in [(0, true), (55, true), (65, false), (-65, false), (3600, false)] {
        *gateway.ahead.lock().unwrap() = Duration::seconds(ahead);
        let clocks = check::clocks(&gateways, &Clock::real()).await;
        assert_eq!(clocks[0].apart.as_ref().unwrap().is_fine(), fine, "{ahead}");
    }
}
