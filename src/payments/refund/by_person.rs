//! What a person does about a refund that did not come to an end by itself.

use super::apply::{ByHand, Heard, take};
use crate::ids::RefundId;
use crate::payments::model::{Destination, RefundEvent, RefundStatus};
use crate::payments::queries;
use sqlx::PgConnection;
use time::OffsetDateTime;

#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// It ended, or goes on by itself, since the page was shown.
    #[error("the refund does not wait for a person any more")]
    NotWaiting,
    #[error("a top-up can't go back to the balance it was for")]
    IsTopUp,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Sends it again under its own number: what the gateway did already it does not do twice.
pub async fn retry(conn: &mut PgConnection, id: RefundId, now: OffsetDateTime) -> Result<(), PersonError> {
    step(conn, id, Heard::of(RefundEvent::Retried), now).await
}

/// The money went back another way; the note says how.
pub async fn done_by_hand(
    conn: &mut PgConnection,
    id: RefundId,
    said: ByHand<'_>,
    now: OffsetDateTime,
) -> Result<(), PersonError> {
    step(conn, id, Heard { by_hand: Some(said), ..Heard::of(RefundEvent::DoneByHand) }, now).await
}

/// The customer has agreed to have it on the balance; the note says when and how.
pub async fn put_to_balance(
    conn: &mut PgConnection,
    id: RefundId,
    said: ByHand<'_>,
    now: OffsetDateTime,
) -> Result<(), PersonError> {
    let refund = queries::refunds::lock_refund(conn, id).await?.ok_or(PersonError::NotWaiting)?;
    let attempt = queries::attempt(&mut *conn, refund.attempt_id).await?.ok_or(PersonError::NotWaiting)?;
    // One that may still go through at its gateway would be paid twice.
    if !matches!(refund.status, RefundStatus::Failed | RefundStatus::Manual) {
        return Err(PersonError::NotWaiting);
    }
    if super::is_top_up(&attempt) {
        return Err(PersonError::IsTopUp);
    }
    queries::refunds::set_destination(conn, id, Destination::Balance).await?;
    done_by_hand(conn, id, said, now).await
}

async fn step(conn: &mut PgConnection, id: RefundId, heard: Heard<'_>, now: OffsetDateTime) -> Result<(), PersonError> {
    let refund = queries::refunds::lock_refund(conn, id).await?.ok_or(PersonError::NotWaiting)?;
    let before: RefundStatus = refund.status;
    match take(conn, &refund, heard, now).await? {
        after if after != before => Ok(()),
        _ => Err(PersonError::NotWaiting),
    }
}
