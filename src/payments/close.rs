use super::gateway::{CloseAnswer, GatewayError, Payment};
use super::model::{Attempt, AttemptEvent, AttemptStatus};
use super::query::{self, Looked};
use super::{CLOSED, Gateways, attempt_job, balance, queries};
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
/// Returns its state now.
pub async fn request(conn: &mut PgConnection, attempt: AttemptId, now: OffsetDateTime) -> sqlx::Result<AttemptStatus> {
    let attempt = queries::lock_attempt(conn, attempt).await?.ok_or(sqlx::Error::RowNotFound)?;
    let status = record(conn, &attempt, AttemptEvent::CloseAsked, None, now).await?;
    if status == AttemptStatus::Closing {
        jobs::enqueue(conn, attempt_job(JOB, attempt.id, now)).await?;
    }
    Ok(status)
}

/// Takes one step of the locked attempt and tells upward when it stands in nobody's way any more. Returns its state afterwards.
pub(super) async fn record(
    conn: &mut PgConnection,
    attempt: &Attempt,
    event: AttemptEvent,
    why: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<AttemptStatus> {
    let Some(next) = attempt.status.after(event) else { return Ok(attempt.status) };
    queries::move_attempt(conn, attempt.id, attempt.status, next, why).await?;
    if next.makes_room() {
        balance::release(conn, attempt, now).await?;
        jobs::enqueue(conn, attempt_job(CLOSED, attempt.id, now)).await?;
    }
    Ok(next)
}

/// Closes at the gateway now, for a customer who waits. `Closing` afterwards: not certain yet, the job goes on.
/// `Abandoned`: the gateway has not heard of it yet and can't stop it, but nothing need wait for it.
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
    if !matches!(attempt.status, AttemptStatus::Closing | AttemptStatus::Abandoned) {
        return Ok(attempt.status);
    }
    let answer = match gateways.named(&attempt.gateway) {
        Some(gateway) => gateway.close(&Payment::of(&attempt)).await,
        None => Err(GatewayError::Misconfigured(format!("no gateway `{}`", attempt.gateway))),
    };
    match answer {
        Ok(CloseAnswer::Closed) => step(pool, clock, id, AttemptEvent::GatewayClosed).await,
        Ok(CloseAnswer::NotYetCreated) if clock.now() > attempt.expires_at + SLACK => {
            step(pool, clock, id, AttemptEvent::GatewayClosed).await
        }
        Ok(CloseAnswer::NotYetCreated) => step(pool, clock, id, AttemptEvent::Unstoppable).await,
        Ok(CloseAnswer::AlreadyPaid) | Err(_) => {
            let Looked { status, .. } = query::query_now(pool, clock, gateways, id).await?;
            Ok(status)
        }
    }
}

async fn step(pool: &PgPool, clock: &Clock, id: AttemptId, event: AttemptEvent) -> sqlx::Result<AttemptStatus> {
    let mut tx = crate::db::begin(pool).await?;
    let current = queries::lock_attempt(&mut tx, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    let status = record(&mut tx, &current, event, None, clock.now()).await?;
    tx.commit().await?;
    Ok(status)
}

/// Job `close-payment`: until the gateway has said so.
pub async fn run(pool: &PgPool, clock: &Clock, gateways: &Gateways, job: &Claimed) -> Result<Done, JobError> {
    let id = job.field("attempt_id")?;
    let status = ask(pool, clock, gateways, id).await?;
    let end = queries::attempt(pool, id).await?.ok_or(sqlx::Error::RowNotFound)?.expires_at + SLACK;
    let mut tx = crate::db::begin(pool).await?;
    let now = clock.now();
    let done = match status {
        AttemptStatus::Closing => job.again(&mut tx, now + if now > end { SLACK } else { AGAIN }).await?,
        AttemptStatus::Abandoned => job.again(&mut tx, end.max(now) + AGAIN).await?,
        _ => job.complete(&mut tx).await?,
    };
    tx.commit().await?;
    Ok(done)
}
