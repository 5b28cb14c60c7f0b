//! The rehearsal clock: one row says how far ahead of real time the business is, and every process follows it.

use crate::clock::Clock;
use sqlx::PgPool;
use std::time::Duration;
use tokio::sync::watch;

const LOOK_EVERY: Duration = Duration::from_secs(1);

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

async fn ahead(pool: &PgPool) -> sqlx::Result<i64> {
    sqlx::query_scalar("select ahead_seconds from rehearsal_clock").fetch_one(pool).await
}
