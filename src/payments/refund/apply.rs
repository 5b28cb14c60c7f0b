use crate::ids::RefundId;
use crate::jobs;
use crate::payments::gateway::{RefundAnswer, RefundState};
use crate::payments::model::{Refund, RefundEvent, RefundStatus};
use crate::payments::queries::{self, refunds::Step};
use crate::payments::{REFUND_FAILED, REFUND_FINISHED, books, refund_job};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Something that happened to a refund, with what is written down beside it.
pub(super) struct Heard<'a> {
    pub event: RefundEvent,
    pub provider_refund_id: Option<&'a str>,
    pub why: Option<&'a str>,
    pub by_hand: Option<ByHand<'a>>,
}

/// What a person says of money they gave back: for the books, and for the customer to read.
#[derive(Clone, Copy, Debug)]
pub struct ByHand<'a> {
    pub note: &'a str,
    pub to_customer: Option<&'a str>,
}

impl Heard<'_> {
    pub fn of(event: RefundEvent) -> Self {
        Self { event, provider_refund_id: None, why: None, by_hand: None }
    }
}

/// Records what the gateway says of a refund, asked or unasked. Returns its state afterwards.
pub async fn apply(
    conn: &mut PgConnection,
    id: RefundId,
    answer: &RefundAnswer,
    now: OffsetDateTime,
) -> sqlx::Result<RefundStatus> {
    let refund = queries::refunds::lock_refund(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    if refund.by_hand.is_some() {
        tracing::error!(refund.id = %id, ?answer, "the gateway speaks of a refund that a person made another way");
        return Ok(refund.status);
    }
    let (event, why) = match &answer.state {
        RefundState::Accepted => (RefundEvent::Accepted, None),
        RefundState::Succeeded => (RefundEvent::Succeeded, None),
        RefundState::Failed(why) => {
            tracing::error!(refund.id = %id, why, "the gateway refused a refund");
            (RefundEvent::Refused, Some(why.as_str()))
        }
    };
    let heard = Heard { event, provider_refund_id: answer.provider_refund_id.as_deref(), why, by_hand: None };
    take(conn, &refund, heard, now).await
}

/// Takes one step of the locked refund and tells upward what it ended in.
pub(super) async fn take(
    conn: &mut PgConnection,
    refund: &Refund,
    heard: Heard<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<RefundStatus> {
    let Some(to) = refund.status.after(heard.event) else { return Ok(refund.status) };
    let Heard { provider_refund_id, why, by_hand, .. } = heard;
    let turn =
        queries::refunds::move_refund(conn, refund.id, Step { to, provider_refund_id, failure: why, by_hand, now })
            .await?;
    let attempt = queries::attempt(&mut *conn, refund.attempt_id).await?.ok_or(sqlx::Error::RowNotFound)?;
    let by_hand = by_hand.map(|by_hand| by_hand.note.to_owned()).or_else(|| refund.by_hand.clone());
    let after = Refund { status: to, by_hand, ..refund.clone() };
    books::refund_moved(conn, &attempt, refund, &after, now).await?;
    let told = match to {
        RefundStatus::Succeeded => Some(REFUND_FINISHED),
        RefundStatus::Failed | RefundStatus::Manual => {
            metrics::counter!("payment_refunds_failed_total").increment(1);
            Some(REFUND_FAILED)
        }
        RefundStatus::Requested => Some(super::JOB),
        RefundStatus::Submitted | RefundStatus::Unknown => None,
    };
    if let Some(kind) = told {
        jobs::enqueue(conn, refund_job(kind, refund.id, turn, now)).await?;
    }
    Ok(to)
}
