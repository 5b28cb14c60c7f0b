//! A worker that was frozen longer than its lease and wakes when another has its job: it changes nothing.

use renewal_portal::clock::Clock;
use renewal_portal::jobs::{Claimed, Done, JobError, NewJob, enqueue, run_due};
use serde_json::json;
use sqlx::PgPool;
use time::Duration;

use crate::support::db::fresh_db;

/// What the frozen worker does when it wakes.
#[derive(Clone, Copy, Debug)]
enum Waking {
    Completes,
    PutsOff,
    Fails,
}

async fn work(pool: &PgPool, clock: &Clock, job: &Claimed, who: &str, how: Waking) -> Result<Done, JobError> {
    let mut tx = pool.begin().await?;
    sqlx::query("insert into work_done values ($1)").bind(who).execute(&mut *tx).await?;
    let done = match how {
        Waking::Completes => job.complete(&mut tx).await?,
        Waking::PutsOff => job.again(&mut tx, clock.now() + Duration::HOUR).await?,
        Waking::Fails => return Err(JobError::retry(anyhow::anyhow!("it broke"))),
    };
    tx.commit().await?;
    Ok(done)
}

async fn freeze_and_wake(how: Waking) {
    let (db, clock) = (fresh_db().await, Clock::real());
    let pool = &db.pool;
    sqlx::raw_sql("create table work_done (who text)").execute(pool).await.unwrap();
    let job =
        NewJob { kind: "work", dedupe_key: "once".into(), payload: json!({}), run_at: clock.now(), max_attempts: 5 };
    enqueue(&mut pool.acquire().await.unwrap(), job).await.unwrap();
    let frozen = |job: Claimed| {
        let clock = &clock;
        async move {
            sqlx::query("update jobs set lease_until = now() - interval '1 second'").execute(pool).await?;
            let other = |job: Claimed| async move { work(pool, clock, &job, "the other", Waking::Completes).await };
            assert_eq!(run_due(pool, clock, other).await?, 1);
            work(pool, clock, &job, "the frozen one", how).await
        }
    };
    assert_eq!(run_due(pool, &clock, frozen).await.unwrap(), 1);
    let done: Vec<String> = sqlx::query_scalar("select who from work_done").fetch_all(pool).await.unwrap();
    assert_eq!(done, ["the other"], "{how:?}");
    let state: String = sqlx::query_scalar("select state from jobs").fetch_one(pool).await.unwrap();
    assert_eq!(state, "done", "{how:?}");
}

#[tokio::test]
async fn who_lost_a_job_changes_nothing() {
    for how in [Waking::Completes, Waking::PutsOff, Waking::Fails] {
        freeze_and_wake(how).await;
    }
}
