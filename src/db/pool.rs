//! Connections to the database.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection, migrate::Migrator};

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
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(close_forgotten_transaction(connection)))
}

/// A `BEGIN` that is cancelled under sqlx 0.9 leaves its transaction open, and what the next borrower writes
/// is acknowledged and then lost. Nothing else tells us of it: sqlx looks at the state the server reports only
/// after a statement that ought to begin a transaction, so an empty one asks. It takes the place of the ping
/// that sqlx would send here, and costs as little.
async fn close_forgotten_transaction(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match connection.begin_with("").await {
        Err(sqlx::Error::BeginFailed) => Ok(true),
        Ok(forgotten) => forgotten.rollback().await.map(|()| true),
        Err(error) => Err(error),
    }
}
