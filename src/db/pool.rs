//! Connections to the database.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Executor, migrate::Migrator};

pub static MIGRATOR: Migrator = sqlx::migrate!();

/// A `BEGIN` that is cancelled under sqlx 0.9 leaves its transaction open, and what the next borrower writes
/// is acknowledged and then lost. This closes it, and says nothing to the server's log when none was open.
/// It takes the place of the ping that sqlx would send here: as many round trips as without it.
const CLOSE_FORGOTTEN_TRANSACTION: &str = "BEGIN; ROLLBACK";

pub async fn connect(url: &str, max: u32) -> Result<PgPool> {
    let options = PgConnectOptions::from_str(url)
        .context("the database address is not valid")?
        .application_name("renewal-portal")
        .options([
            ("idle_in_transaction_session_timeout", "5s"),
            ("timezone", "UTC"),
        ]);
    pool_options(max)
        .connect_with(options)
        .await
        .context("cannot connect to the database")
}

fn pool_options(max: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max)
        .acquire_timeout(Duration::from_secs(2))
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(close_forgotten_transaction(connection)))
}

async fn close_forgotten_transaction(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    connection.execute(CLOSE_FORGOTTEN_TRANSACTION).await?;
    Ok(true)
}
