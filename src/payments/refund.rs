use super::gateway::{Gateway, GatewayError, RefundAnswer, RefundOrder, RefundState};
use super::model::{Refund, RefundEvent, RefundReason, RefundStatus, new_refund_no};
use super::{Gateways, REFUND_FAILED, REFUND_FINISHED, books, queries, refund_job};
use crate::clock::Clock;
use crate::ids::{AttemptId, RefundId};
use crate::jobs::{self, Claimed, Done, JobError};
use crate::money::Money;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

pub const JOB: &str = "submit-refund";

/// After this long without certainty a person looks.
const PATIENCE: Duration = Duration::hours(24);

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
/// A second automatic refund of one attempt is the first one.
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
    let refund = Refund {
        id: RefundId::new(),
        attempt_id: attempt.id,
        account_id: attempt.account_id,
        amount_minor: amount.minor,
        currency: amount.currency,
        merchant_refund_no: new_refund_no(),
        reason,
        status: RefundStatus::Requested,
        provider_refund_id: None,
        created_at: now,
        succeeded_at: None,
    };
    queries::refunds::insert_refund(conn, &refund).await?;
    books::refund_begun(conn, &attempt, &refund, now).await?;
    jobs::enqueue(conn, refund_job(JOB, refund.id, now)).await?;
    Ok(refund.id)
}

/// Job `submit-refund`: sends the refund, then asks for it by our number until it is certain.
pub async fn run(pool: &PgPool, clock: &Clock, gateways: &Gateways, job: &Claimed) -> Result<Done, JobError> {
    let id: RefundId = job.field("refund_id")?;
    let refund = queries::refunds::refund(pool, id).await?.ok_or_else(|| JobError::fail(sqlx::Error::RowNotFound))?;
    let answer = match refund.status.is_open() {
        true => Some(ask(pool, gateways, &refund).await?),
        false => None,
    };
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let status = match answer {
        Some(answer) => record(&mut tx, id, answer, now).await?,
        None => refund.status,
    };
    let done = match status.is_open() {
        true => job.again(&mut tx, now + wait(now - refund.created_at)).await?,
        false => job.complete(&mut tx).await?,
    };
    tx.commit().await?;
    Ok(done)
}

/// The first call submits. Every later one asks, and submits again only what the gateway never heard of.
async fn ask(
    pool: &PgPool,
    gateways: &Gateways,
    refund: &Refund,
) -> Result<Result<RefundAnswer, GatewayError>, JobError> {
    let attempt =
        queries::attempt(pool, refund.attempt_id).await?.ok_or_else(|| JobError::fail(sqlx::Error::RowNotFound))?;
    let order = RefundOrder::of(refund, &attempt);
    let Some(gateway) = gateways.named(&attempt.gateway) else {
        return Err(JobError::retry(GatewayError::Misconfigured(format!("no gateway `{}`", attempt.gateway))));
    };
    if refund.status == RefundStatus::Requested {
        mark_unclear(pool, refund.id).await?;
        return Ok(gateway.refund(&order).await);
    }
    Ok(find_or_submit(gateway.as_ref(), &order).await)
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

/// Written before the call: a process that dies in it leaves a refund that is asked about, not one sent blindly.
async fn mark_unclear(pool: &PgPool, id: RefundId) -> Result<(), sqlx::Error> {
    let mut conn = pool.acquire().await?;
    queries::refunds::mark_refund_unclear(&mut conn, id).await
}

async fn record(
    conn: &mut PgConnection,
    id: RefundId,
    answer: Result<RefundAnswer, GatewayError>,
    now: OffsetDateTime,
) -> sqlx::Result<RefundStatus> {
    match answer {
        Ok(answer) => apply(conn, id, &answer, now).await,
        Err(GatewayError::Rejected(why)) => {
            let refused = RefundAnswer { provider_refund_id: None, state: RefundState::Failed(why) };
            apply(conn, id, &refused, now).await
        }
        Err(error) => {
            tracing::warn!(refund.id = %id, %error, "a refund is not certain yet");
            let refund = queries::refunds::lock_refund(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
            let event = match now - refund.created_at > PATIENCE {
                true => RefundEvent::GivenUp,
                false => RefundEvent::Unclear,
            };
            take(conn, &refund, event, None, now).await
        }
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
    let event = match &answer.state {
        RefundState::Accepted => RefundEvent::Accepted,
        RefundState::Succeeded => RefundEvent::Succeeded,
        RefundState::Failed(why) => {
            tracing::error!(refund.id = %id, why, "the gateway refused a refund");
            RefundEvent::Refused
        }
    };
    take(conn, &refund, event, answer.provider_refund_id.as_deref(), now).await
}

async fn take(
    conn: &mut PgConnection,
    refund: &Refund,
    event: RefundEvent,
    provider_refund_id: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<RefundStatus> {
    let Some(next) = refund.status.after(event) else { return Ok(refund.status) };
    queries::refunds::move_refund(conn, refund.id, next, provider_refund_id, now).await?;
    let attempt = queries::attempt(&mut *conn, refund.attempt_id).await?.ok_or(sqlx::Error::RowNotFound)?;
    books::refund_moved(conn, &attempt, refund, next, now).await?;
    match next {
        RefundStatus::Succeeded => jobs::enqueue(conn, refund_job(REFUND_FINISHED, refund.id, now)).await?,
        RefundStatus::Failed | RefundStatus::Manual => {
            metrics::counter!("payment_refunds_failed_total").increment(1);
            jobs::enqueue(conn, refund_job(REFUND_FAILED, refund.id, now)).await?;
        }
        RefundStatus::Requested | RefundStatus::Submitted | RefundStatus::Unknown => {}
    }
    Ok(next)
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
