//! What the order above needs to decide about money that came, and how it says what it decided.

use super::model::{AttemptStatus, RefundReason, RefundStatus};
use super::{books, close, queries};
use crate::ids::{AttemptId, OrderId, RefundId};
use crate::money::{Currency, Money, MoneyError};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Money that came for an attempt; the attempt stays locked until the caller's transaction ends.
pub struct Received {
    pub attempt: AttemptId,
    pub money: Money,
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
    Ok(Received { attempt: id, money, decided: attempt.applied || returned })
}

/// This attempt's money settled its order. The database takes one such attempt per order, with exactly the amount asked for.
pub async fn apply(conn: &mut PgConnection, id: AttemptId, now: OffsetDateTime) -> sqlx::Result<()> {
    let attempt = queries::lock_attempt(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    queries::mark_applied(conn, id).await?;
    books::applied(conn, &attempt, now).await
}

/// The attempt that may still bring money, if there is one.
pub async fn open_attempt(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<Option<AttemptId>> {
    Ok(queries::open_attempt_of(conn, order).await?.map(|attempt| attempt.id))
}

/// Has the open attempt closed. `false`: there is none, so nothing can bring money any more.
pub async fn close_open_attempt(conn: &mut PgConnection, order: OrderId, now: OffsetDateTime) -> sqlx::Result<bool> {
    let Some(open) = open_attempt(conn, order).await? else { return Ok(false) };
    let status = close::request(conn, open, now).await?;
    Ok(!matches!(status, AttemptStatus::Closed | AttemptStatus::Failed))
}

/// Money has come that nobody has decided about yet.
pub async fn has_undecided_money(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<bool> {
    queries::has_undecided_money(conn, order).await
}

/// What came for this attempt has gone back by itself.
pub async fn is_refunded(conn: &mut PgConnection, attempt: AttemptId) -> sqlx::Result<bool> {
    let Some(id) = queries::refunds::automatic_refund_of(conn, attempt).await? else { return Ok(false) };
    Ok(queries::refunds::refund(conn, id).await?.is_some_and(|refund| refund.status == RefundStatus::Succeeded))
}

/// What a refund event is about.
pub struct RefundOutcome {
    pub attempt: AttemptId,
    pub number: String,
    pub amount: Money,
    pub reason: RefundReason,
    /// As it is now: an event may be heard after the next one has happened.
    pub status: RefundStatus,
}

pub async fn refund_outcome(conn: &mut PgConnection, id: RefundId) -> sqlx::Result<RefundOutcome> {
    let refund = queries::refunds::refund(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(RefundOutcome {
        attempt: refund.attempt_id,
        number: refund.merchant_refund_no,
        amount: Money::new(refund.amount_minor, refund.currency),
        reason: refund.reason,
        status: refund.status,
    })
}
