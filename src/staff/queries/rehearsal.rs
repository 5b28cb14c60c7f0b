use sqlx::{PgExecutor, PgPool};
use time::{Duration, OffsetDateTime};

/// Fifty years: beyond that, dates run out of what plans and pages are made for.
const FURTHEST: Duration = Duration::days(50 * 366);

#[derive(sqlx::FromRow, Debug)]
pub struct Due {
    pub kind: String,
    /// The first of them.
    pub run_at: OffsetDateTime,
    pub count: i64,
}

/// How many jobs of a kind came to which end.
#[derive(sqlx::FromRow, Debug)]
pub struct Ran {
    pub kind: String,
    pub state: String,
    pub count: i64,
    pub last_error: Option<String>,
}

/// The jobs that come next, each kind once.
pub async fn next(pool: &PgPool) -> sqlx::Result<Vec<Due>> {
    sqlx::query_as(
        "select kind, min(run_at) as run_at, count(*) as count from jobs where state = 'ready' group by kind order by 2, 1 limit 10",
    )
    .fetch_all(pool)
    .await
}

/// Whether anything is due or under way.
pub async fn is_busy(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from jobs where (state = 'ready' and run_at <= $1) or state = 'running')")
        .bind(now)
        .fetch_one(pool)
        .await
}

/// The database's own time: what jobs say they finished at.
pub async fn real_now(pool: &PgPool) -> sqlx::Result<OffsetDateTime> {
    sqlx::query_scalar("select now()").fetch_one(pool).await
}

/// What ended since then, and what waits for another try. Fetching statements is one job for ever, which never ends: its
/// days tell what it did. `ahead` is what their clock is ahead of the database's.
pub async fn ran_since(pool: &PgPool, since: OffsetDateTime, ahead: Duration) -> sqlx::Result<Vec<Ran>> {
    sqlx::query_as(
        "select * from (
           select kind, state, count(*) as count, max(last_error) as last_error from jobs
           where finished_at >= $1 or (state = 'ready' and last_error is not null) or state = 'dead' group by kind, state
           union all
           select 'statement', case when failure is null then 'done' else 'ready' end, count(*), max(failure)
           from reconciliation_runs where ran_at >= $2 group by 2) ran
         order by state = 'dead' desc, state = 'ready' desc, count desc, kind limit 50",
    )
    .bind(since)
    .bind(since + ahead)
    .fetch_all(pool)
    .await
}

/// Moves time forward and answers how many seconds ahead it now is. There is no way back: what was due has happened.
pub async fn move_forward(executor: impl PgExecutor<'_>, by: Duration) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "update rehearsal_clock set ahead_seconds = greatest(ahead_seconds, least(ahead_seconds + $1, $2)) returning ahead_seconds",
    )
    .bind(by.whole_seconds())
    .bind(FURTHEST.whole_seconds())
    .fetch_one(executor)
    .await
}
