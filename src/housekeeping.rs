//! What nobody waits for: once an hour, rows that say nothing any more are removed and forgotten notifications are taken up.

use crate::carriers::Carriers;
use crate::clock::Clock;
use crate::jobs::{self, Claimed, Done, JobError, NewJob};
use crate::payments::{self, Gateways};
use crate::seal::KeyRing;
use crate::{accounts, audit, claims, identity, orders, sync, web};
use serde_json::json;
use sqlx::PgPool;
use time::Duration;

/// The job that does it.
pub const HOURLY: &str = "housekeeping";

/// Jobs of one row for ever: each run puts it off.
const RECURRING: [&str; 3] = [HOURLY, orders::expire::FIND_OVERDUE, audit::seal::JOB];

pub async fn schedule(pool: &PgPool, clock: &Clock) -> sqlx::Result<()> {
    let mut conn = pool.acquire().await?;
    for kind in RECURRING {
        let (dedupe_key, payload) = ("for ever".into(), json!({}));
        let job = NewJob { kind, dedupe_key, payload, run_at: clock.now(), max_attempts: i32::MAX };
        jobs::enqueue(&mut conn, job).await?;
    }
    drop(conn);
    payments::reconcile::schedule(pool, clock).await
}

pub async fn hourly(
    pool: &PgPool,
    clock: &Clock,
    gateways: &Gateways,
    (carriers, keys): (&Carriers, &KeyRing),
    job: &Claimed,
) -> Result<Done, JobError> {
    web::limits::sweep(pool).await?;
    accounts::sweep_sessions(pool).await?;
    identity::reseal(pool, keys).await.map_err(JobError::retry)?;
    claims::sweep(pool, clock.now() - Duration::days(30)).await?;
    // A notification that was stored and never made something of: the process ended in between.
    payments::replay::replay_unprocessed(pool, clock, gateways).await?;
    payments::replay::fetch_undelivered(pool, clock, gateways).await?;
    // A carrier that came in since the start.
    sync::schedule_all(pool, clock, carriers).await?;
    let mut tx = crate::db::begin(pool).await?;
    let done = job.again(&mut tx, clock.now() + Duration::hours(1)).await?;
    tx.commit().await?;
    Ok(done)
}
