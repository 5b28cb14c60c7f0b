//! What a person does about a refund that did not come to an end by itself.

use super::apply::{Heard, take};
use crate::ids::RefundId;
use crate::payments::model::{RefundEvent, RefundStatus};
use crate::payments::queries;
use sqlx::PgConnection;
use time::OffsetDateTime;

#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// It ended, or goes on by itself, since the page was shown.
    #[error("the refund does not wait for a person any more")]
    NotWaiting,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Sends it again under its own number: what the gateway did already it does not do twice.
pub async fn retry(conn: &mut PgConnection, id: RefundId, now: OffsetDateTime) -> Result<(), PersonError> {
    step(conn, id, Heard::of(RefundEvent::Retried), now).await
}

/// The money went back another way; `note` says how.
pub async fn done_by_hand(
    conn: &mut PgConnection,
    id: RefundId,
    note: &str,
    now: OffsetDateTime,
) -> Result<(), PersonError> {
    step(conn, id, Heard { by_hand: Some(note), ..Heard::of(RefundEvent::DoneByHand) }, now).await
}

async fn step(conn: &mut PgConnection, id: RefundId, heard: Heard<'_>, now: OffsetDateTime) -> Result<(), PersonError> {
    let refund = queries::refunds::lock_refund(conn, id).await?.ok_or(PersonError::NotWaiting)?;
    let before: RefundStatus = refund.status;
    match take(conn, &refund, heard, now).await? {
        after if after != before => Ok(()),
        _ => Err(PersonError::NotWaiting),
    }
}
