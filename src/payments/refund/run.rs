use super::apply::{apply, take};
use super::{DISPUTED, apply::Heard};
use crate::clock::Clock;
use crate::ids::RefundId;
use crate::jobs::{self, Claimed, Done, JobError};
use crate::payments::gateway::{Gateway, GatewayError, RefundAnswer, RefundOrder, RefundState};
use crate::payments::model::{Attempt, Refund, RefundEvent, RefundStatus};
use crate::payments::{Gateways, REFUND_STUCK, queries, refund_job};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

/// After this long without an end a person is told; the asking goes on.
const PATIENCE: Duration = Duration::hours(24);

/// What came of a try.
enum Tried {
    Answered(RefundAnswer),
    Refused(String),
    Unclear(String),
    /// Nothing was sent: its gateway is not among those this portal was started with.
    NoGateway,
    /// Nothing was sent, and only a person may.
    Held,
}

/// Job `submit-refund`: sends the refund, then asks for it by our number until it is certain.
pub async fn run(pool: &PgPool, clock: &Clock, gateways: &Gateways, job: &Claimed) -> Result<Done, JobError> {
    let id: RefundId = job.field("refund_id")?;
    let refund = queries::refunds::refund(pool, id).await?.ok_or_else(|| JobError::fail(sqlx::Error::RowNotFound))?;
    let tried = match refund.status.is_open() {
        true => Some(ask(pool, gateways, &refund).await?),
        false => None,
    };
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let status = match tried {
        Some(tried) => record(&mut tx, &refund, tried, now).await?,
        None => refund.status,
    };
    let done = match status.is_open() {
        true => job.again(&mut tx, now + wait(now - refund.asked_at)).await?,
        false => job.complete(&mut tx).await?,
    };
    tx.commit().await?;
    Ok(done)
}

/// The first call submits. Every later one asks, and submits again only what the gateway never heard of.
async fn ask(pool: &PgPool, gateways: &Gateways, refund: &Refund) -> Result<Tried, JobError> {
    let attempt =
        queries::attempt(pool, refund.attempt_id).await?.ok_or_else(|| JobError::fail(sqlx::Error::RowNotFound))?;
    if is_held(refund, &attempt) {
        return Ok(Tried::Held);
    }
    let order = RefundOrder::of(refund, &attempt);
    let Some(gateway) = gateways.named(&attempt.gateway) else { return Ok(Tried::NoGateway) };
    if refund.status == RefundStatus::Requested {
        mark_unclear(pool, refund.id).await?;
        return Ok(tried(gateway.refund(&order).await));
    }
    Ok(tried(find_or_submit(gateway.as_ref(), &order).await))
}

/// The payer's bank takes this money back. What a person has had sent again goes all the same.
fn is_held(refund: &Refund, attempt: &Attempt) -> bool {
    let decided_by_itself = refund.reason.is_automatic() && refund.turn == 0;
    decided_by_itself && refund.status == RefundStatus::Requested && attempt.disputed_at.is_some()
}

async fn find_or_submit(gateway: &dyn Gateway, order: &RefundOrder) -> Result<RefundAnswer, GatewayError> {
    match gateway.query_refund(order).await {
        Ok(Some(answer)) => Ok(answer),
        Ok(None) => gateway.refund(order).await,
        // A question that was refused says nothing about the refund.
        Err(GatewayError::Rejected(why)) => Err(GatewayError::Unknown(why)),
        Err(error) => Err(error),
    }
}

fn tried(answer: Result<RefundAnswer, GatewayError>) -> Tried {
    match answer {
        Ok(answer) => Tried::Answered(answer),
        Err(GatewayError::Rejected(why)) => Tried::Refused(why),
        Err(error) => Tried::Unclear(error.to_string()),
    }
}

/// Written before the call: a process that dies in it leaves a refund that is asked about, not one sent blindly.
async fn mark_unclear(pool: &PgPool, id: RefundId) -> Result<(), sqlx::Error> {
    let mut conn = pool.acquire().await?;
    queries::refunds::mark_refund_unclear(&mut conn, id).await
}

async fn record(
    conn: &mut PgConnection,
    asked: &Refund,
    tried: Tried,
    now: OffsetDateTime,
) -> sqlx::Result<RefundStatus> {
    let no_gateway = matches!(tried, Tried::NoGateway);
    let status = match tried {
        Tried::Answered(answer) => apply(conn, asked.id, &answer, now).await?,
        Tried::Refused(why) => {
            let refused = RefundAnswer { provider_refund_id: None, state: RefundState::Failed(why) };
            apply(conn, asked.id, &refused, now).await?
        }
        Tried::Unclear(why) => {
            tracing::warn!(refund.id = %asked.id, why, "a refund is not certain yet");
            step(conn, asked.id, Heard::of(RefundEvent::Unclear), now).await?
        }
        Tried::Held => step(conn, asked.id, Heard { why: Some(DISPUTED), ..Heard::of(RefundEvent::Held) }, now).await?,
        Tried::NoGateway => asked.status,
    };
    if status.is_open() && (no_gateway || now - asked.asked_at > PATIENCE) {
        tracing::error!(refund.id = %asked.id, no_gateway, "a refund does not come to an end");
        metrics::counter!("payment_refunds_stuck_total").increment(1);
        jobs::enqueue(conn, refund_job(REFUND_STUCK, asked.id, asked.turn, now)).await?;
    }
    Ok(status)
}

async fn step(
    conn: &mut PgConnection,
    id: RefundId,
    heard: Heard<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<RefundStatus> {
    let refund = queries::refunds::lock_refund(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    take(conn, &refund, heard, now).await
}

/// Every few seconds at first, every minute for a while, then slower.
fn wait(age: Duration) -> Duration {
    match age.whole_seconds() {
        ..30 => Duration::seconds(3),
        30..300 => Duration::minutes(1),
        300..3600 => Duration::minutes(5),
        _ => Duration::hours(1),
    }
}
