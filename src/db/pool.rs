//! Connections to the database.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Postgres, Transaction, migrate::Migrator};

pub static MIGRATOR: Migrator = sqlx::migrate!();

pub async fn connect(url: &str, max: u32) -> Result<PgPool> {
    let options = PgConnectOptions::from_str(url)
        .context("the database address is not valid")?
        .application_name("renewal-portal")
        .options([("idle_in_transaction_session_timeout", "5s"), ("lock_timeout", "5s"), ("timezone", "UTC")]);
    pool_options(max).connect_with(options).await.context("cannot connect to the database")
}

fn pool_options(max: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max)
        .acquire_timeout(Duration::from_secs(2))
        // sqlx asks a connection whether it still lives when it comes back; once is enough.
        .test_before_acquire(false)
}

/// Begins a transaction in a task of its own, so that a caller who is cancelled cannot cancel the `BEGIN`. Under sqlx 0.9
/// that would leave the transaction open, and what the connection's next borrower writes would be acknowledged and then
/// lost. Here the `BEGIN` is always heard out; a transaction nobody waits for any more is rolled back.
#[allow(clippy::disallowed_methods)]
pub async fn begin(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    tokio::spawn(async move { pool.begin().await }).await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
}
