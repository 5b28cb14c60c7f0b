//! Money that a person sends back, and what a person does about a refund or a case that waits for them.

use super::model::{Order, OrderStatus};
use super::progress::{Returned, close_refund_cases, tell_of_refund, trail_of};
use super::queries;
use crate::accounts::Proven;
use crate::audit::Actor;
use crate::clock::Clock;
use crate::ids::{AttemptId, CaseId, RefundId};
use crate::money::Money;
use crate::payments::model::Destination;
use crate::payments::refund::{self, ByHand, PersonError, RefundError, Wish};
use crate::payments::{self, RefundReason};
use serde_json::{Value, json};
use sqlx::PgPool;

#[derive(Debug, thiserror::Error)]
pub enum GiveBackError {
    #[error("there is no such payment, refund or case")]
    NotThere,
    /// The carrier is at work: what it answers decides what is owed.
    #[error("the order is with its carrier")]
    AtWork,
    #[error("it is the own payment of whoever would send it back")]
    Own,
    /// Nothing of the payment is left, or less than the page said.
    #[error("{left} is left")]
    OtherLeft { left: Money },
    #[error("more than is left")]
    TooMuch,
    /// A top-up goes back from the balance, which does not have it any more.
    #[error("the customer has spent it since")]
    Spent,
    #[error("a top-up can't go back to the balance it was for")]
    TopUp,
    /// It ended, or goes on by itself, since the page was shown.
    #[error("it does not wait for a person any more")]
    NotWaiting,
    #[error(transparent)]
    Internal(#[from] sqlx::Error),
}

impl From<PersonError> for GiveBackError {
    fn from(error: PersonError) -> Self {
        match error {
            PersonError::NotWaiting => Self::NotWaiting,
            PersonError::IsTopUp => Self::TopUp,
            PersonError::Database(error) => Self::Internal(error),
        }
    }
}

/// Who acts, and when that is.
pub struct Hand<'a> {
    pub pool: &'a PgPool,
    pub clock: &'a Clock,
    pub actor: Actor<'a>,
}

/// What is to go back. `seen_left` is what the page said was left: a form that is sent twice meets another amount.
pub struct Wanted<'a> {
    pub attempt: AttemptId,
    pub amount: Money,
    pub seen_left: i64,
    /// Where to; `None`: as the customer prefers. What came from the balance goes back there in any case.
    pub to: Option<Destination>,
    pub reason: &'a str,
}

/// Sends back a payment or a part of it. What was delivered stays delivered.
pub async fn give_back(hand: &Hand<'_>, proof: &Proven, wanted: Wanted<'_>) -> Result<RefundId, GiveBackError> {
    let now = hand.clock.now();
    let Wanted { attempt, amount, .. } = wanted;
    let mut tx = proof.begin(hand.pool).await?;
    let id = queries::of_attempt(&mut *tx, attempt).await.map_err(not_there)?;
    let order = not_own(hand, queries::lock(&mut tx, id).await?)?;
    may_go_back(&order)?;
    let left = payments::left(&mut tx, attempt).await?.ok_or(GiveBackError::NotThere)?;
    if left.minor != wanted.seen_left {
        return Err(GiveBackError::OtherLeft { left });
    }
    let reason = RefundReason::Operator;
    let wish = Wish { amount, reason, to: wanted.to, why: Some(wanted.reason) };
    let refund = refund::request_to(&mut tx, attempt, wish, now).await.map_err(|error| match error {
        RefundError::NoPayment => GiveBackError::NotThere,
        RefundError::TooMuch => GiveBackError::TooMuch,
        RefundError::Spent => GiveBackError::Spent,
        RefundError::Database(error) => GiveBackError::Internal(error),
    })?;
    let detail = json!({ "refund": refund, "amount": amount.to_string(), "why": wanted.reason });
    queries::note(&mut tx, &order, "refund_by_staff", detail.clone(), now).await?;
    trail_of(&mut tx, hand.actor, &order, "refund.requested_by_staff", detail, now).await?;
    tell_of_refund(&mut tx, &order, "returning", Returned { refund, turn: 0, amount, reason }, now).await?;
    tx.commit().await?;
    Ok(refund)
}

/// Only what is decided can be given back by hand.
pub fn may_go_back(order: &Order) -> Result<(), GiveBackError> {
    match order.status {
        OrderStatus::Fulfilled | OrderStatus::NeedsAttention => Ok(()),
        _ => Err(GiveBackError::AtWork),
    }
}

/// Has a refund sent again under its own number.
pub async fn retry(hand: &Hand<'_>, refund: RefundId) -> Result<(), GiveBackError> {
    let now = hand.clock.now();
    let mut tx = crate::db::begin(hand.pool).await?;
    let order = of_refund(&mut tx, hand, refund).await?;
    refund::retry(&mut tx, refund, now).await?;
    let detail = json!({ "refund": refund });
    queries::note(&mut tx, &order, "refund_retried", detail.clone(), now).await?;
    trail_of(&mut tx, hand.actor, &order, "refund.retried", detail, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The money went back another way, as the note says.
pub async fn done_by_hand(
    hand: &Hand<'_>,
    proof: &Proven,
    refund: RefundId,
    said: ByHand<'_>,
) -> Result<(), GiveBackError> {
    let now = hand.clock.now();
    let mut tx = proof.begin(hand.pool).await?;
    let order = of_refund(&mut tx, hand, refund).await?;
    refund::done_by_hand(&mut tx, refund, said, now).await?;
    let detail = told(refund, said);
    queries::note(&mut tx, &order, "refund_by_hand", detail.clone(), now).await?;
    trail_of(&mut tx, hand.actor, &order, "refund.done_by_hand", detail, now).await?;
    close_refund_cases(&mut tx, &order, Some(said.note), now).await?;
    tx.commit().await?;
    Ok(())
}

/// The customer has agreed to have it on the balance, as the note says.
pub async fn put_to_balance(
    hand: &Hand<'_>,
    proof: &Proven,
    refund: RefundId,
    said: ByHand<'_>,
) -> Result<(), GiveBackError> {
    let now = hand.clock.now();
    let mut tx = proof.begin(hand.pool).await?;
    let order = of_refund(&mut tx, hand, refund).await?;
    refund::put_to_balance(&mut tx, refund, said, now).await?;
    let detail = told(refund, said);
    queries::note(&mut tx, &order, "refund_to_balance", detail.clone(), now).await?;
    trail_of(&mut tx, hand.actor, &order, "refund.put_to_balance", detail, now).await?;
    close_refund_cases(&mut tx, &order, Some(said.note), now).await?;
    tx.commit().await?;
    Ok(())
}

fn told(refund: RefundId, said: ByHand<'_>) -> Value {
    json!({ "refund": refund, "note": said.note, "to_customer": said.to_customer })
}

/// A person has seen to it, as the note says.
pub async fn close_case(hand: &Hand<'_>, case: CaseId, note: &str) -> Result<(), GiveBackError> {
    let now = hand.clock.now();
    let mut tx = crate::db::begin(hand.pool).await?;
    let (order, kind) = queries::close_case(&mut tx, case, note, now).await?.ok_or(GiveBackError::NotWaiting)?;
    let order = not_own(hand, queries::lock(&mut tx, order).await?)?;
    let detail = json!({ "case": kind, "note": note });
    trail_of(&mut tx, hand.actor, &order, "case.closed", detail, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn of_refund(conn: &mut sqlx::PgConnection, hand: &Hand<'_>, refund: RefundId) -> Result<Order, GiveBackError> {
    let order = queries::of_refund(&mut *conn, refund).await.map_err(not_there)?;
    not_own(hand, queries::lock(conn, order).await?)
}

/// A colleague does that.
fn not_own(hand: &Hand<'_>, order: Order) -> Result<Order, GiveBackError> {
    match hand.actor.id == Some(order.account_id) {
        true => Err(GiveBackError::Own),
        false => Ok(order),
    }
}

fn not_there(error: sqlx::Error) -> GiveBackError {
    match error {
        sqlx::Error::RowNotFound => GiveBackError::NotThere,
        other => GiveBackError::Internal(other),
    }
}
