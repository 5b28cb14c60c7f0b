use super::gateway::{GatewayError, Payment, Standing};
use super::model::{Attempt, AttemptEvent, AttemptStatus};
use super::{Fact, Gateways, close, queries, settle, start};
use crate::clock::Clock;
use crate::ids::{AttemptId, OrderId};
use crate::jobs::{Claimed, Done, JobError};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

pub const JOB: &str = "query-payment";

/// Waits between looks, in seconds; afterwards every hour.
const WAITS: [i64; 7] = [5, 30, 60, 180, 300, 600, 1800];
/// How long after its end money for an attempt may still be found.
const AFTERMATH: Duration = Duration::hours(24);

/// What a look at the gateway found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    pub status: AttemptStatus,
    /// `false`: the gateway could not be asked, so the state is the one known before.
    pub fresh: bool,
}

/// Asks the gateway what became of an attempt and records it: for the return page, where a customer waits.
pub async fn query_now(pool: &PgPool, clock: &Clock, gateways: &Gateways, id: AttemptId) -> sqlx::Result<Looked> {
    let attempt = queries::attempt(pool, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    if attempt.status == AttemptStatus::Succeeded {
        return Ok(Looked { status: attempt.status, fresh: true });
    }
    let answer = match gateways.named(&attempt.gateway) {
        Some(gateway) => gateway.query(&Payment::of(&attempt)).await,
        None => Err(GatewayError::Misconfigured(format!("no gateway `{}`", attempt.gateway))),
    };
    match answer {
        Ok(standing) => {
            let mut tx = crate::db::begin(pool).await?;
            let status = record(&mut tx, id, standing, clock.now()).await?;
            tx.commit().await?;
            Ok(Looked { status, fresh: true })
        }
        Err(error) => {
            tracing::warn!(attempt.id = %id, %error, "the gateway could not be asked");
            if attempt.unpaid_at.is_some() {
                queries::forget_unpaid(pool, id).await?;
            }
            Ok(Looked { status: attempt.status, fresh: false })
        }
    }
}

/// Asks after every payment of an order that may still bring money.
pub async fn order_now(pool: &PgPool, clock: &Clock, gateways: &Gateways, order: OrderId) -> sqlx::Result<()> {
    for attempt in queries::undecided_attempts_of(pool, order).await? {
        query_now(pool, clock, gateways, attempt).await?;
    }
    Ok(())
}

async fn record(
    conn: &mut PgConnection,
    id: AttemptId,
    standing: Standing,
    now: OffsetDateTime,
) -> sqlx::Result<AttemptStatus> {
    let step = match standing {
        Standing::Paid(money) => {
            settle(conn, &Fact::answered(id, money), now).await?;
            None
        }
        Standing::Declined(why) => Some((AttemptEvent::Declined, Some(why))),
        Standing::Closed => Some((AttemptEvent::GatewayClosed, None)),
        Standing::Open | Standing::NotYetCreated => {
            queries::note_unpaid(conn, id, now).await?;
            None
        }
        Standing::Processing => {
            queries::forget_unpaid(&mut *conn, id).await?;
            None
        }
    };
    let attempt = queries::lock_attempt(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    match step {
        Some((event, why)) => close::record(conn, &attempt, event, why.as_deref(), now).await,
        None => Ok(attempt.status),
    }
}

/// Job `query-payment`: looks until the matter is certain, for a day after the attempt's end.
pub async fn run(pool: &PgPool, clock: &Clock, gateways: &Gateways, job: &Claimed) -> Result<Done, JobError> {
    let id: AttemptId = job.field("attempt_id")?;
    let looked = query_now(pool, clock, gateways, id).await?;
    if matches!(looked.status, AttemptStatus::Creating | AttemptStatus::Unknown) && looked.fresh {
        // Nobody was shown this payment yet; made ready again under the same reference it is the same payment.
        let _ = start(pool, clock, gateways, id).await;
    }
    let mut tx = crate::db::begin(pool).await?;
    let attempt = queries::lock_attempt(&mut tx, id).await?.ok_or_else(|| JobError::fail(sqlx::Error::RowNotFound))?;
    queries::count_query(&mut tx, id).await?;
    let now = clock.now();
    if attempt.status.is_open() && now >= attempt.expires_at {
        close::request(&mut tx, id, now).await?;
    }
    let done = match next_look(&attempt, now) {
        Some(at) => job.again(&mut tx, at).await?,
        None => job.complete(&mut tx).await?,
    };
    tx.commit().await?;
    Ok(done)
}

fn next_look(attempt: &Attempt, now: OffsetDateTime) -> Option<OffsetDateTime> {
    if attempt.status == AttemptStatus::Succeeded {
        return None;
    }
    let wait = usize::try_from(attempt.query_count).ok().and_then(|count| WAITS.get(count)).copied();
    let next = now + Duration::seconds(wait.unwrap_or(3600));
    let end = attempt.expires_at;
    // One look falls on the end itself, so that the order does not wait an hour to expire.
    let next = if now < end { next.min(end) } else { next };
    (next <= end + AFTERMATH).then_some(next)
}
