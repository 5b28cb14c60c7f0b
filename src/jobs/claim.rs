use super::JobError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How long a worker may be silent before another takes its job.
pub(super) const LEASE_SECONDS: f64 = 60.0;

/// A job this worker holds the lease of.
#[derive(sqlx::FromRow, Debug, Clone)]
pub struct Claimed {
    pub id: i64,
    pub kind: String,
    pub payload: Value,
    pub attempts: i32,
    pub max_attempts: i32,
    pub created_at: OffsetDateTime,
    lease_token: Uuid,
}

/// Proof that a job was completed or put off in the caller's transaction.
#[must_use]
#[derive(Debug)]
pub struct Done(());

impl Claimed {
    /// The payload's field `name`; a payload that lacks it can never succeed.
    pub fn field<T: DeserializeOwned>(&self, name: &str) -> Result<T, JobError> {
        serde_json::from_value(self.payload[name].clone()).map_err(JobError::fail)
    }

    pub async fn complete(&self, conn: &mut PgConnection) -> Result<Done, JobError> {
        let changed = sqlx::query(
            "update jobs set state = 'done', lease_token = null, lease_until = null, finished_at = now(), last_error = null
             where id = $1 and lease_token = $2",
        )
        .bind(self.id)
        .bind(self.lease_token)
        .execute(conn)
        .await?;
        self.fenced(changed.rows_affected())
    }

    /// Puts the job off until `run_at`; this was a step of its work, not a failure.
    pub async fn again(&self, conn: &mut PgConnection, run_at: OffsetDateTime) -> Result<Done, JobError> {
        let changed = sqlx::query(
            "update jobs set state = 'ready', lease_token = null, lease_until = null, run_at = $3, attempts = 0, last_error = null
             where id = $1 and lease_token = $2",
        )
        .bind(self.id)
        .bind(self.lease_token)
        .bind(run_at)
        .execute(conn)
        .await?;
        self.fenced(changed.rows_affected())
    }

    /// No row changed: the lease ran out and another worker has the job, so this transaction must not commit.
    fn fenced(&self, changed: u64) -> Result<Done, JobError> {
        match changed {
            1 => Ok(Done(())),
            _ => Err(JobError::retry(anyhow::anyhow!("job {} is no longer ours", self.id))),
        }
    }

    pub(super) async fn renew(&self, pool: &PgPool) -> sqlx::Result<()> {
        sqlx::query(
            "update jobs set lease_until = now() + make_interval(secs => $3) where id = $1 and lease_token = $2",
        )
        .bind(self.id)
        .bind(self.lease_token)
        .bind(LEASE_SECONDS)
        .execute(pool)
        .await?;
        Ok(())
    }

    /// Back to the queue with a longer wait each time, or dead after the last try.
    pub(super) async fn give_back(&self, pool: &PgPool, error: &JobError, now: OffsetDateTime) -> sqlx::Result<()> {
        let dead = matches!(error, JobError::Fail(_)) || self.attempts >= self.max_attempts;
        sqlx::query(
            "update jobs set state = $3, lease_token = null, lease_until = null, run_at = $4, last_error = left($5, 2000)
             where id = $1 and lease_token = $2",
        )
        .bind(self.id)
        .bind(self.lease_token)
        .bind(if dead { "dead" } else { "ready" })
        .bind(now + backoff(self.attempts))
        .bind(error.to_string())
        .execute(pool)
        .await?;
        Ok(())
    }
}

/// 1, 2, 4 ... 512 seconds, plus up to a quarter so that many failures don't come back at once.
fn backoff(attempts: i32) -> Duration {
    let base = Duration::seconds(1 << attempts.clamp(1, 10).saturating_sub(1));
    let mut random = [0u8; 1];
    crate::ids::fill_random(&mut random);
    base + base * (f64::from(random[0]) / 1024.0)
}

/// Which kinds a lane takes.
#[derive(Clone, Copy)]
pub(super) enum Takes {
    Everything,
    Only(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

pub(super) async fn claim(pool: &PgPool, now: OffsetDateTime, takes: Takes) -> sqlx::Result<Option<Claimed>> {
    let (only, but) = match takes {
        Takes::Everything => (None, None),
        Takes::Only(kinds) => (Some(kinds), None),
        Takes::AllBut(kinds) => (None, Some(kinds)),
    };
    sqlx::query_as(
        "with next as (
           select id from jobs
           where ((state = 'ready' and run_at <= $1) or (state = 'running' and lease_until < now()))
             and ($3::text[] is null or kind = any($3)) and ($4::text[] is null or kind <> all($4))
           order by run_at limit 1 for update skip locked)
         update jobs set state = 'running', attempts = attempts + 1, lease_token = gen_random_uuid(),
                         lease_until = now() + make_interval(secs => $2)
         from next where jobs.id = next.id
         returning jobs.id, kind, payload, attempts, max_attempts, created_at, lease_token",
    )
    .bind(now)
    .bind(LEASE_SECONDS)
    .bind(only)
    .bind(but)
    .fetch_optional(pool)
    .await
}
