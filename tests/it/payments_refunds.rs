//! Money that goes back: never more than came, never twice, never lost from sight.

use crate::support::payments::{AMOUNT, World, world};
use renewal_portal::ids::{AttemptId, RefundId};
use renewal_portal::money::{Currency, Money};
use renewal_portal::payments::refund::{self, RefundError};
use renewal_portal::payments::{REFUND_FAILED, REFUND_FINISHED, RefundReason, queries};

impl World {
    async fn refund(&self, attempt: AttemptId, minor: i64, reason: RefundReason) -> Result<RefundId, RefundError> {
        let mut tx = self.db.pool.begin().await?;
        let amount = Money::new(minor, Currency::Cny);
        let id = refund::request(&mut tx, attempt, amount, reason, self.clock.now()).await?;
        tx.commit().await?;
        Ok(id)
    }

    async fn refund_state(&self, id: RefundId) -> &'static str {
        queries::refunds::refund(&self.db.pool, id).await.unwrap().unwrap().status.as_str()
    }

    async fn sent(&self) -> i64 {
        self.count("select count(*) from sandbox.refunds where status <> $1", "failed").await
    }
}

#[tokio::test]
async fn a_refund_is_accepted_and_then_finished() {
    let world = world().await;
    let attempt = world.paid().await;
    let id = world.refund(attempt, AMOUNT, RefundReason::ProvisioningFailed).await.unwrap();
    world.work().await;
    assert_eq!(world.refund_state(id).await, "submitted");
    world.pass(3).await;
    world.sandbox.tick().await.unwrap();
    assert_eq!((world.refund_state(id).await, world.told(REFUND_FINISHED).await), ("succeeded", 1));
    world.work().await;
    assert_eq!((world.sent().await, world.told(REFUND_FINISHED).await), (1, 1));
}

#[tokio::test]
async fn an_automatic_refund_happens_once() {
    let world = world().await;
    let attempt = world.paid().await;
    let first = world.refund(attempt, AMOUNT, RefundReason::Late).await.unwrap();
    assert_eq!(world.refund(attempt, AMOUNT, RefundReason::Surplus).await.unwrap(), first);
    assert_eq!(world.attempt(attempt).await.refund_reserved_minor, AMOUNT);
}

#[tokio::test]
async fn a_refund_without_an_answer_is_asked_for_by_its_number() {
    let world = world().await;
    let attempt = world.paid().await;
    let id = world.refund(attempt, 1015, RefundReason::Operator).await.unwrap();
    world.work().await;
    assert_eq!(world.refund_state(id).await, "unknown");
    world.pass(4).await;
    world.work().await;
    assert_eq!((world.refund_state(id).await, world.sent().await), ("succeeded", 1));
}

#[tokio::test]
async fn a_refund_that_never_arrived_is_sent_under_the_same_number() {
    let world = world().await;
    let attempt = world.paid().await;
    let id = world.refund(attempt, 1000, RefundReason::Operator).await.unwrap();
    sqlx::query("update refunds set status = 'unknown'").execute(&world.db.pool).await.unwrap();
    world.work().await;
    assert_eq!((world.refund_state(id).await, world.sent().await), ("submitted", 1));
}

#[tokio::test]
async fn a_refusal_now_or_later_is_told() {
    let world = world().await;
    let attempt = world.paid().await;
    let refused = world.refund(attempt, 1013, RefundReason::Operator).await.unwrap();
    let fails = world.refund(attempt, 1014, RefundReason::Operator).await.unwrap();
    world.work().await;
    assert_eq!((world.refund_state(refused).await, world.refund_state(fails).await), ("failed", "submitted"));
    world.pass(3).await;
    world.work().await;
    world.sandbox.tick().await.unwrap();
    assert_eq!((world.refund_state(fails).await, world.told(REFUND_FAILED).await), ("failed", 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_at_once_give_back_no_more_than_came() {
    let world = world().await;
    let attempt = world.paid().await;
    let tries = (0..8).map(|_| world.refund(attempt, 1000, RefundReason::Operator));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(RefundError::TooMuch))));
    assert_eq!(world.attempt(attempt).await.refund_reserved_minor, AMOUNT);
    world.work().await;
    assert_eq!(world.sent().await, 3);
}

#[tokio::test]
async fn what_did_not_come_cannot_go_back() {
    let world = world().await;
    let (attempt, _) = world.started().await;
    let answer = world.refund(attempt, 1000, RefundReason::Operator).await;
    assert!(matches!(answer, Err(RefundError::TooMuch)), "{answer:?}");
    let over = sqlx::query("update payment_attempts set refund_reserved_minor = 1").execute(&world.db.pool).await;
    assert!(over.is_err(), "the table refuses it too");
}
