//! How often something may be tried, counted in Postgres so that every replica counts the same (GCRA: a key holds
//! the time at which its next regular try would arrive; being early by less than the allowance is fine).
use sha2::{Digest, Sha256};
use sqlx::PgPool;

#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Tries that may come at once.
    pub at_once: u32,
    /// Seconds after which one more try is given.
    pub one_per: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter {
    pub seconds: u32,
}

impl RetryAfter {
    /// As people are told.
    pub fn minutes(self) -> i64 {
        i64::from(self.seconds.div_ceil(60))
    }

    pub fn hours(self) -> i64 {
        i64::from(self.seconds.div_ceil(3_600))
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Denied {
    #[error("tried too often")]
    TooOften(RetryAfter),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// `what` names the limit, `who` the one it is counted for; `who` is stored as a hash only.
pub async fn allow(pool: &PgPool, what: &str, who: &str, rate: Rate) -> Result<(), Denied> {
    let wait: Option<f64> = sqlx::query_scalar(
        "with allowed as (
           insert into rate_limits as r (key, arrival) values ($1, now() + make_interval(secs => $2))
           on conflict (key) do update set arrival = greatest(r.arrival, now()) + make_interval(secs => $2)
             where r.arrival <= now() + make_interval(secs => $3)
           returning 1)
         select case when exists (select from allowed) then null else
           greatest(1, coalesce((select extract(epoch from arrival - now())::float8 from rate_limits where key = $1), $2) - $3)
         end",
    )
    .bind(key(what, who))
    .bind(f64::from(rate.one_per))
    .bind(f64::from(rate.one_per) * f64::from(rate.at_once.saturating_sub(1)))
    .fetch_one(pool)
    .await?;
    match wait {
        None => Ok(()),
        // Another's try may have been counted at a time that is still to come for this one.
        Some(seconds) => Err(Denied::TooOften(RetryAfter { seconds: (seconds.ceil() as u32).min(rate.one_per) })),
    }
}

/// A try that turned out honest is not counted.
pub async fn give_back(pool: &PgPool, what: &str, who: &str, rate: Rate) -> sqlx::Result<()> {
    sqlx::query("update rate_limits set arrival = arrival - make_interval(secs => $2) where key = $1")
        .bind(key(what, who))
        .bind(f64::from(rate.one_per))
        .execute(pool)
        .await
        .map(drop)
}

pub async fn forget(pool: &PgPool, what: &str, who: &str) -> sqlx::Result<()> {
    sqlx::query("delete from rate_limits where key = $1").bind(key(what, who)).execute(pool).await.map(drop)
}

/// Keys whose time has passed say nothing any more.
pub async fn sweep(pool: &PgPool) -> sqlx::Result<u64> {
    Ok(sqlx::query("delete from rate_limits where arrival < now()").execute(pool).await?.rows_affected())
}

fn key(what: &str, who: &str) -> String {
    format!("{what}:{}", hex::encode(&Sha256::digest(who.as_bytes())[..16]))
}
