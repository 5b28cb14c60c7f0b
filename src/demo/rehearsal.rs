//! The rehearsal clock: one row says how far ahead of real time the business is, and every process follows it.

use crate::clock::Clock;
use sqlx::{PgExecutor, PgPool};
use std::time::Duration;
use tokio::sync::watch;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Fifty years: beyond that, dates run out of what plans and pages are made for.
const FURTHEST_SECONDS: i64 = 50 * 366 * 86_400;

/// The clock as the row has it.
pub async fn clock(pool: &PgPool) -> anyhow::Result<Clock> {
    let clock = Clock::real();
    clock.set_ahead(ahead(pool).await?);
    Ok(clock)
}

/// Keeps this process's clock at the row.
pub fn follow(pool: PgPool, clock: Clock, mut stop: watch::Receiver<bool>) {
    tokio::spawn(async move {
        while !*stop.borrow() {
            tokio::select! { () = tokio::time::sleep(LOOK_EVERY) => {}, _ = stop.changed() => return }
            match ahead(&pool).await {
                // What was read may already be behind what this process has set.
                Ok(seconds) => clock.set_ahead(seconds.max(clock.ahead_seconds())),
                Err(error) => tracing::warn!(%error, "the rehearsal clock could not be read"),
            }
        }
    });
}

/// Moves time forward and answers how far ahead it now is. There is no way back: what was due has happened.
pub async fn advance(executor: impl PgExecutor<'_>, by: time::Duration) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "update rehearsal_clock set ahead_seconds = greatest(ahead_seconds, least(ahead_seconds + $1, $2)) returning ahead_seconds",
    )
    .bind(by.whole_seconds())
    .bind(FURTHEST_SECONDS)
    .fetch_one(executor)
    .await
}

async fn ahead(pool: &PgPool) -> sqlx::Result<i64> {
    sqlx::query_scalar("select ahead_seconds from rehearsal_clock").fetch_one(pool).await
}
