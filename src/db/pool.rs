//! Connections to the database.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection, Postgres, Transaction, migrate::Migrator};

pub static MIGRATOR: Migrator = sqlx::migrate!();

/// How long a server may take to let us in.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a request waits for a connection before its visitor is told to come back.
const WAIT: Duration = Duration::from_secs(2);

pub async fn connect(url: &str, max: u32) -> Result<PgPool> {
    connect_waiting(url, max, WAIT).await
}

pub async fn connect_waiting(url: &str, max: u32, wait: Duration) -> Result<PgPool> {
    probe(url).await?;
    pool_options(max, wait).connect_with(options(url)?).await.context("cannot connect to the database")
}

/// Connects once. A pool would try again until its patience ends, and then only say that it ended.
pub async fn probe(url: &str) -> Result<()> {
    let options = options(url)?;
    let place = || format!("cannot connect to the database at {}:{}", options.get_host(), options.get_port());
    let connecting = tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options)).await;
    let connection = connecting.with_context(|| format!("{}: no answer in {} s", place(), PATIENCE.as_secs()))?;
    Ok(connection.with_context(place)?.close().await?)
}

fn options(url: &str) -> Result<PgConnectOptions> {
    Ok(PgConnectOptions::from_str(url)
        .context("the database address is not valid")?
        .application_name("renewal-portal")
        .options([("idle_in_transaction_session_timeout", "5s"), ("lock_timeout", "5s"), ("timezone", "UTC")]))
}

fn pool_options(max: u32, wait: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max)
        .acquire_timeout(wait)
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
