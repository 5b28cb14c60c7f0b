//! What the order above needs to decide about money that came, and how it says what it decided.

use super::model::{AttemptStatus, Destination, Device, RefundReason, RefundStatus};
use super::{balance, books, close, queries};
use crate::ids::{AttemptId, OrderId, RefundId};
use crate::money::{Currency, Money, MoneyError};
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

/// Money that came for an attempt; the attempt stays locked until the caller's transaction ends.
pub struct Received {
    pub attempt: AttemptId,
    pub money: Money,
    /// What the gateway was to bring; the rest of the order's amount is the balance's part.
    pub asked: Money,
    /// It settled its order, or was sent back: deciding again changes nothing.
    pub decided: bool,
}

/// Why an attempt can't be decided about.
#[derive(Debug, thiserror::Error)]
pub enum UndecidableError {
    #[error("no money came for this attempt")]
    NoMoney,
    /// A currency nobody here sells in: what came can't even be named, so a person has to look.
    #[error(transparent)]
    Currency(#[from] MoneyError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

pub async fn received(conn: &mut PgConnection, id: AttemptId) -> Result<Received, UndecidableError> {
    let attempt = queries::lock_attempt(conn, id).await?.ok_or(UndecidableError::NoMoney)?;
    let (Some(minor), Some(currency)) = (attempt.received_minor, attempt.received_currency.as_deref()) else {
        return Err(UndecidableError::NoMoney);
    };
    let returned = queries::refunds::automatic_refund_of(conn, id).await?.is_some();
    let money = Money::new(minor, Currency::parse(currency)?);
    Ok(Received { attempt: id, money, asked: attempt.amount(), decided: attempt.applied || returned })
}

/// Sees to it that the balance's part of a payment is held. `false`: it was given free, and has been spent since.
pub async fn cover(conn: &mut PgConnection, id: AttemptId, now: OffsetDateTime) -> sqlx::Result<bool> {
    let attempt = queries::lock_attempt(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    balance::cover(conn, &attempt, now).await
}

/// This payment settles nothing: the balance's part is given free.
pub async fn release(conn: &mut PgConnection, id: AttemptId, now: OffsetDateTime) -> sqlx::Result<()> {
    let attempt = queries::lock_attempt(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    balance::release(conn, &attempt, now).await
}

/// This attempt's money settled its order. The database takes one such attempt per order, with exactly the amount asked for.
pub async fn apply(conn: &mut PgConnection, id: AttemptId, now: OffsetDateTime) -> sqlx::Result<()> {
    let attempt = queries::lock_attempt(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    queries::mark_applied(conn, id).await?;
    books::applied(conn, &attempt, now).await
}

/// The way to pay that was begun last and has not ended.
pub struct Open {
    pub id: AttemptId,
    pub method: String,
    /// What the balance pays beside it, held meanwhile.
    pub balance: Money,
    pub device: Device,
    pub status: AttemptStatus,
}

/// The attempt that keeps another from being opened, if there is one.
pub async fn open_attempt(db: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Option<Open>> {
    let open = queries::open_attempt_of(db, order).await?;
    Ok(open.map(|attempt| Open {
        id: attempt.id,
        balance: attempt.balance_part(),
        method: attempt.method,
        device: attempt.payer_device,
        status: attempt.status,
    }))
}

/// What of this attempt's money is still here: not sent back and not promised to be.
pub async fn left(conn: &mut PgConnection, attempt: AttemptId) -> sqlx::Result<Option<Money>> {
    let Some(attempt) = queries::lock_attempt(conn, attempt).await? else { return Ok(None) };
    let of_balance = attempt.balance_left().minor;
    let left =
        |received: Money| Money::new(received.minor - attempt.refund_reserved_minor + of_balance, received.currency);
    Ok(attempt.received().map(left))
}

/// Has the open attempt closed. `false`: there is none, so nothing can bring money any more.
pub async fn close_open_attempt(conn: &mut PgConnection, order: OrderId, now: OffsetDateTime) -> sqlx::Result<bool> {
    let Some(open) = open_attempt(&mut *conn, order).await? else { return Ok(false) };
    Ok(!close::request(conn, open.id, now).await?.makes_room())
}

/// Money has come that nobody has decided about yet.
pub async fn has_undecided_money(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<bool> {
    queries::has_undecided_money(conn, order).await
}

/// All the money that settled the order has gone back.
pub async fn is_all_back(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<bool> {
    queries::refunds::is_all_back(conn, order).await
}

/// A refund of this order waits for a person.
pub async fn has_failed_refund(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<bool> {
    queries::refunds::has_failed_refund(conn, order).await
}

/// What a refund event is about.
pub struct RefundOutcome {
    pub id: RefundId,
    /// Which of its ends this is.
    pub turn: i32,
    pub attempt: AttemptId,
    pub number: String,
    pub amount: Money,
    pub reason: RefundReason,
    pub destination: Destination,
    /// A person gave it back another way.
    pub by_hand: bool,
    pub customer_note: Option<String>,
    /// As it is now: an event may be heard after the next one has happened.
    pub status: RefundStatus,
}

pub async fn refund_outcome(conn: &mut PgConnection, id: RefundId) -> sqlx::Result<RefundOutcome> {
    let refund = queries::refunds::refund(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(RefundOutcome {
        id: refund.id,
        turn: refund.turn,
        attempt: refund.attempt_id,
        number: refund.merchant_refund_no,
        amount: Money::new(refund.amount_minor, refund.currency),
        reason: refund.reason,
        destination: refund.destination,
        by_hand: refund.by_hand.is_some(),
        customer_note: refund.customer_note,
        status: refund.status,
    })
}
