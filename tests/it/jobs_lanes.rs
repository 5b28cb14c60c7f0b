//! A company that does not answer holds up those who wait for it, and nobody else.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use renewal_portal::clock::Clock;
use renewal_portal::jobs::{NewJob, Worker, enqueue};
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::support::db::fresh_db;

#[tokio::test]
async fn what_waits_for_nobody_is_done_while_all_lanes_wait() {
    let db = fresh_db().await;
    let clock = Clock::real();
    let (stop, stopped) = watch::channel(false);
    let waiting = Arc::new(AtomicUsize::new(0));
    let (pool, count) = (db.pool.clone(), waiting.clone());
    let worker = Worker { pool: db.pool.clone(), clock: clock.clone(), lanes: 2, prompt: &["settle"], background: &[] };
    let working = tokio::spawn(worker.run(
        move |job| {
            let (pool, count) = (pool.clone(), count.clone());
            async move {
                if job.kind == "ask" {
                    count.fetch_add(1, Ordering::SeqCst);
                    pending::<()>().await;
                }
                job.complete(&mut *pool.acquire().await?).await
            }
        },
        stopped,
    ));

    for number in 0..3 {
        save(&db.pool, &clock, "ask", number).await;
    }
    until(|| async { waiting.load(Ordering::SeqCst) == 2 }).await;
    save(&db.pool, &clock, "settle", 0).await;
    until(|| async { done(&db.pool).await == vec!["settle".to_owned()] }).await;
    assert_eq!(waiting.load(Ordering::SeqCst), 2, "the lane of its own takes nothing else");
    let _ = stop.send(true);
    working.abort();
}

#[tokio::test]
async fn what_nobody_waits_for_takes_no_others_place() {
    let db = fresh_db().await;
    let clock = Clock::real();
    let (stop, stopped) = watch::channel(false);
    let asking = Arc::new(AtomicUsize::new(0));
    let (pool, count) = (db.pool.clone(), asking.clone());
    let worker = Worker { pool: db.pool.clone(), clock: clock.clone(), lanes: 1, prompt: &[], background: &["ask"] };
    for number in 0..5 {
        save(&db.pool, &clock, "ask", number).await;
    }
    let working = tokio::spawn(worker.run(
        move |job| {
            let (pool, count) = (pool.clone(), count.clone());
            async move {
                if job.kind == "ask" {
                    count.fetch_add(1, Ordering::SeqCst);
                    pending::<()>().await;
                }
                job.complete(&mut *pool.acquire().await?).await
            }
        },
        stopped,
    ));
    until(|| async { asking.load(Ordering::SeqCst) == 2 }).await;
    save(&db.pool, &clock, "renew", 0).await;
    until(|| async { done(&db.pool).await == vec!["renew".to_owned()] }).await;
    assert_eq!(asking.load(Ordering::SeqCst), 2, "it has two lanes and no more");
    let _ = stop.send(true);
    working.abort();
}

async fn save(pool: &PgPool, clock: &Clock, kind: &'static str, number: usize) {
    let job = NewJob { kind, dedupe_key: number.to_string(), payload: json!({}), run_at: clock.now(), max_attempts: 3 };
    enqueue(&mut pool.acquire().await.unwrap(), job).await.unwrap();
}

async fn done(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar("select kind from jobs where state = 'done'").fetch_all(pool).await.unwrap()
}

async fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) {
    let so = async {
        while !is_so().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), so).await.expect("it comes to that");
}
