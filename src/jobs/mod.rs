//! Follow-up work, saved in the same transaction as its cause and run until it is done or a person must look at it.
//! Owns `jobs`: `ready -> running -> done`, back to `ready` after an error, `dead` after the last try.
//! A lease token fences every completion: a worker that was frozen and woke late changes nothing.

mod claim;
mod run;

pub use claim::{Claimed, Done};
pub use run::{Worker, run_due};

use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// A job to be saved. `dedupe_key` makes it once per kind and cause, for ever.
pub struct NewJob {
    pub kind: &'static str,
    pub dedupe_key: String,
    pub payload: Value,
    pub run_at: OffsetDateTime,
    pub max_attempts: i32,
}

/// Whether to try again is decided where the error is understood.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error("try again: {0:#}")]
    Retry(anyhow::Error),
    #[error("give up: {0:#}")]
    Fail(anyhow::Error),
}

impl JobError {
    pub fn retry(cause: impl Into<anyhow::Error>) -> Self {
        Self::Retry(cause.into())
    }

    pub fn fail(cause: impl Into<anyhow::Error>) -> Self {
        Self::Fail(cause.into())
    }
}

impl From<sqlx::Error> for JobError {
    fn from(error: sqlx::Error) -> Self {
        Self::retry(error)
    }
}

/// Saves a job with its cause. A job of this kind and key that exists already stays as it is.
pub async fn enqueue(conn: &mut PgConnection, job: NewJob) -> sqlx::Result<()> {
    sqlx::query(
        "with saved as (
           insert into jobs (kind, dedupe_key, payload, run_at, max_attempts, created_at)
           values ($1, $2, $3, $4, $5, now()) on conflict do nothing returning 1)
         select pg_notify('jobs', '') from saved",
    )
    .bind(job.kind)
    .bind(job.dedupe_key)
    .bind(job.payload)
    .bind(job.run_at)
    .bind(job.max_attempts)
    .execute(conn)
    .await?;
    Ok(())
}

/// Has a job that waits run now; one that runs just now, or has ended, stays as it is.
pub async fn hurry(conn: &mut PgConnection, kind: &str, dedupe_key: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query(
        "with hurried as (
           update jobs set run_at = $3 where kind = $1 and dedupe_key = $2 and state = 'ready' and run_at > $3 returning 1)
         select pg_notify('jobs', '') from hurried",
    )
    .bind(kind)
    .bind(dedupe_key)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// How many jobs wait, run, or are dead: for staff and metrics.
#[derive(sqlx::FromRow, Debug, Default, Clone, Copy)]
pub struct Counts {
    pub ready: i64,
    pub running: i64,
    pub dead: i64,
}

pub async fn counts(pool: &PgPool) -> sqlx::Result<Counts> {
    sqlx::query_as(
        "select count(*) filter (where state = 'ready') as ready, count(*) filter (where state = 'running') as running,
                count(*) filter (where state = 'dead') as dead
         from jobs where state in ('ready', 'running', 'dead')",
    )
    .fetch_one(pool)
    .await
}

/// Takes out of jobs that are over what they were about.
pub async fn forget(conn: &mut PgConnection, kind: &str, field: &str, value: &str) -> sqlx::Result<()> {
    sqlx::query("update jobs set payload = '{}' where kind = $1 and payload ->> $2 = $3 and state = 'done'")
        .bind(kind)
        .bind(field)
        .bind(value)
        .execute(conn)
        .await
        .map(drop)
}
