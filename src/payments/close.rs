use super::gateway::{CloseAnswer, GatewayError, Payment};
use super::model::{Attempt, AttemptEvent, AttemptStatus};
use super::query::{self, Looked};
use super::{CLOSED, Gateways, attempt_job, queries};
use crate::clock::Clock;
use crate::ids::AttemptId;
use crate::jobs::{self, Claimed, Done, JobError};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

pub const JOB: &str = "close-payment";

/// How long after its end a payment the gateway never heard of may still turn up there.
const SLACK: Duration = Duration::minutes(10);
const AGAIN: Duration = Duration::seconds(10);

/// Asks for an attempt to be closed: the customer switched or cancelled, or time ran out.
/// Returns its state now; only `closed` and `failed` mean that no money can come for it any more.
pub async fn request(conn: &mut PgConnection, attempt: AttemptId, now: OffsetDateTime) -> sqlx::Result<AttemptStatus> {
    let attempt = queries::lock_attempt(conn, attempt).await?.ok_or(sqlx::Error::RowNotFound)?;
    let status = record(conn, &attempt, AttemptEvent::CloseAsked, None, now).await?;
    if status == AttemptStatus::Closing {
        jobs::enqueue(conn, attempt_job(JOB, attempt.id, now)).await?;
    }
    Ok(status)
}

/// Takes one step of the locked attempt and tells upward when it ended without money. Returns its state afterwards.
pub(super) async fn record(
    conn: &mut PgConnection,
    attempt: &Attempt,
    event: AttemptEvent,
    why: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<AttemptStatus> {
    let Some(next) = attempt.status.after(event) else { return Ok(attempt.status) };
    queries::move_attempt(conn, attempt.id, attempt.status, next, why).await?;
    if matches!(next, AttemptStatus::Closed | AttemptStatus::Failed) {
        jobs::enqueue(conn, attempt_job(CLOSED, attempt.id, now)).await?;
    }
    Ok(next)
}

/// Closes at the gateway now, for a customer who waits. `Closing` afterwards: not certain yet, the job goes on.
pub async fn close_now(
    pool: &PgPool,
    clock: &Clock,
    gateways: &Gateways,
    attempt: AttemptId,
) -> sqlx::Result<AttemptStatus> {
    let mut tx = crate::db::begin(pool).await?;
    let status = request(&mut tx, attempt, clock.now()).await?;
    tx.commit().await?;
    match status {
        AttemptStatus::Closing => ask(pool, clock, gateways, attempt).await,
        status => Ok(status),
    }
}

/// Asks the gateway to close and records what it says. Only its word closes the attempt.
async fn ask(pool: &PgPool, clock: &Clock, gateways: &Gateways, id: AttemptId) -> sqlx::Result<AttemptStatus> {
    let attempt = queries::attempt(pool, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    if attempt.status != AttemptStatus::Closing {
        return Ok(attempt.status);
    }
    let answer = match gateways.named(&attempt.gateway) {
        Some(gateway) => gateway.close(&Payment::of(&attempt)).await,
        None => Err(GatewayError::Misconfigured(format!("no gateway `{}`", attempt.gateway))),
    };
    match answer {
        Ok(CloseAnswer::Closed) => closed(pool, clock, id).await,
        Ok(CloseAnswer::NotYetCreated) if clock.now() > attempt.expires_at + SLACK => closed(pool, clock, id).await,
        Ok(CloseAnswer::NotYetCreated) => Ok(AttemptStatus::Closing),
        Ok(CloseAnswer::AlreadyPaid) | Err(_) => {
            let Looked { status, .. } = query::query_now(pool, clock, gateways, id).await?;
            Ok(status)
        }
    }
}

async fn closed(pool: &PgPool, clock: &Clock, id: AttemptId) -> sqlx::Result<AttemptStatus> {
    let mut tx = crate::db::begin(pool).await?;
    let current = queries::lock_attempt(&mut tx, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    let status = record(&mut tx, &current, AttemptEvent::GatewayClosed, None, clock.now()).await?;
    tx.commit().await?;
    Ok(status)
}

/// Job `close-payment`: until the gateway has said so.
pub async fn run(pool: &PgPool, clock: &Clock, gateways: &Gateways, job: &Claimed) -> Result<Done, JobError> {
    let id = job.field("attempt_id")?;
    let status = ask(pool, clock, gateways, id).await?;
    let mut tx = crate::db::begin(pool).await?;
    let done = match status {
        AttemptStatus::Closing => job.again(&mut tx, clock.now() + AGAIN).await?,
        _ => job.complete(&mut tx).await?,
    };
    tx.commit().await?;
    Ok(done)
}
