//! Money on its way back. [`request`] is the only door: it reserves what goes back on the attempt and fixes the number.

mod apply;
mod by_person;
mod external;
mod run;

pub use apply::apply;
pub use by_person::{PersonError, done_by_hand, retry};
pub(super) use external::made_elsewhere;
pub use run::run;

use super::model::{Attempt, Refund, RefundReason, RefundStatus, new_refund_no};
use super::{REFUND_FAILED, books, queries, refund_job};
use crate::ids::{AttemptId, RefundId};
use crate::jobs;
use crate::money::Money;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub const JOB: &str = "submit-refund";

#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    #[error("there is no such payment")]
    NoPayment,
    #[error("more would go back than was received")]
    TooMuch,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Reserves the amount, fixes the refund's number and has it submitted, all in the caller's transaction.
/// A second automatic refund of one attempt is the first one. Of disputed money nothing goes back by itself.
pub async fn request(
    conn: &mut PgConnection,
    attempt: AttemptId,
    amount: Money,
    reason: RefundReason,
    now: OffsetDateTime,
) -> Result<RefundId, RefundError> {
    let attempt = queries::lock_attempt(conn, attempt).await?.ok_or(RefundError::NoPayment)?;
    if reason.is_automatic()
        && let Some(before) = queries::refunds::automatic_refund_of(conn, attempt.id).await?
    {
        return Ok(before);
    }
    if !queries::refunds::reserve_refund(conn, attempt.id, amount).await? {
        return Err(RefundError::TooMuch);
    }
    let refund = new(&attempt, amount, reason, now);
    queries::refunds::insert_refund(conn, &refund).await?;
    books::refund_begun(conn, &attempt, &refund, now).await?;
    let kind = if refund.status == RefundStatus::Manual { REFUND_FAILED } else { JOB };
    jobs::enqueue(conn, refund_job(kind, refund.id, refund.turn, now)).await?;
    Ok(refund.id)
}

const DISPUTED: &str = "disputed";

fn new(attempt: &Attempt, amount: Money, reason: RefundReason, now: OffsetDateTime) -> Refund {
    let held = reason.is_automatic() && attempt.disputed_at.is_some();
    Refund {
        id: RefundId::new(),
        attempt_id: attempt.id,
        account_id: attempt.account_id,
        amount_minor: amount.minor,
        currency: amount.currency,
        merchant_refund_no: new_refund_no(),
        reason,
        status: if held { RefundStatus::Manual } else { RefundStatus::Requested },
        provider_refund_id: None,
        reserved_minor: amount.minor,
        turn: i32::from(held),
        failure: held.then(|| DISPUTED.to_owned()),
        by_hand: None,
        asked_at: now,
        created_at: now,
        succeeded_at: None,
    }
}
