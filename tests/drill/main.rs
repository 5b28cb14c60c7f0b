//! The crash drill: the real program is killed again and again while customers buy, and every order must end well.
//! `DRILL_ORDERS=200 DRILL_KILLS=20 cargo test --test drill -- --nocapture` is the long one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod customers;
mod operator;
mod portal;
#[path = "../it/support/shopper.rs"]
#[allow(dead_code)]
mod shopper;
#[path = "../it/support/visitor.rs"]
#[allow(dead_code)]
mod visitor;

use std::path::Path;
use std::time::{Duration, Instant};

use customers::Journal;
use portal::Portal;
use renewal_portal::db::embedded;
use sqlx::PgPool;
use tokio::task::JoinSet;

/// How long all orders have to settle once nobody is killed any more; a dead worker's jobs alone take a minute.
const PATIENCE: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_crash_loses_or_doubles_an_order() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (orders, kills) = (number("DRILL_ORDERS", 20), number("DRILL_KILLS", 3));
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("drill-{}", std::process::id()));
    let begun = Instant::now();
    let mut portal = Portal::start(&data).await;
    let people = operator::prepare(&portal.database().await, orders).await;
    println!("prepared {orders} lines after {:.0} s", begun.elapsed().as_secs_f32());

    let journal = Journal::default();
    let mut buying = JoinSet::new();
    for person in people {
        let (url, journal) = (portal.url(), journal.clone());
        buying.spawn(async move {
            let browser = customers::sign_in(&url, &person.email, operator::PASSWORD).await;
            customers::run(browser, person.errands, journal).await;
        });
    }
    let crashed = crash(&mut portal, &journal, orders, kills).await;
    while let Some(bought) = buying.join_next().await {
        bought.expect("a customer who gets through");
    }
    println!("bought {orders}, killed {crashed} times after {:.0} s", begun.elapsed().as_secs_f32());

    let pool = portal.database().await;
    settle(&pool).await;
    let all_there = compare(&pool, &journal, orders).await;
    pool.close().await;
    let (clean, audit) = portal.audit();
    println!("settled after {:.0} s\n{all_there}{audit}", begun.elapsed().as_secs_f32());
    assert!(clean, "{audit}");
    drop(portal);
    std::thread::sleep(Duration::from_secs(1));
    embedded::erase(&data).expect("the end of the drill's database");
    let _ = std::fs::remove_dir_all(&data);
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Kills spread over the buying: each once so many more orders are placed, at a moment nobody chose.
async fn crash(portal: &mut Portal, journal: &Journal, orders: usize, kills: usize) -> usize {
    for kill in 0..kills {
        let due = orders * kill / kills;
        while journal.entries().await.len() < due {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut chance = [0u8; 2];
        renewal_portal::ids::fill_random(&mut chance);
        tokio::time::sleep(Duration::from_millis(u64::from(u16::from_le_bytes(chance)) % 1_500)).await;
        portal.crash().await;
    }
    kills
}

/// Moves time on until nothing is left to do.
async fn settle(pool: &PgPool) {
    let begun = Instant::now();
    let unsettled = "select count(*) from orders where status in ('awaiting_payment', 'paid', 'refunding')";
    let undone = "select count(*) from jobs where state = 'running' or (state = 'ready' and kind not in ('query-payment', 'housekeeping'))";
    loop {
        let left: i64 = sqlx::query_scalar(unsettled).fetch_one(pool).await.expect("orders");
        let jobs: i64 = sqlx::query_scalar(undone).fetch_one(pool).await.expect("jobs");
        if left == 0 && jobs <= 1 {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{left} orders and {jobs} jobs are not settled");
        sqlx::query("update rehearsal_clock set ahead_seconds = ahead_seconds + 60")
            .execute(pool)
            .await
            .expect("the clock");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// What was acknowledged is there, once; and how it all ended.
async fn compare(pool: &PgPool, journal: &Journal, orders: usize) -> String {
    let entries = journal.entries().await;
    assert_eq!(entries.len(), orders);
    for entry in entries.iter() {
        let found: (i64, i64) = sqlx::query_as(
            "select (select count(*) from orders where id = $1 and attempt_key = $2::uuid),
                    (select count(*) from sandbox.payments p join payment_attempts a using (merchant_ref) where a.order_id = $1 and p.outcome is not null)",
        )
        .bind(entry.order)
        .bind(&entry.attempt)
        .fetch_one(pool)
        .await
        .expect("the order");
        assert_eq!(found, (1, i64::try_from(entry.pressed.len()).unwrap()), "{} {:?}", entry.order, entry.pressed);
    }
    let ended: Vec<(String, i64)> = sqlx::query_as(
        "select o.status, count(*) from orders o join accounts a on a.id = o.account_id where a.email like 'drill%' group by 1 order by 1",
    )
    .fetch_all(pool)
    .await
    .expect("orders");
    ended.iter().map(|(status, count)| format!("{count:>6} {status}\n")).collect()
}
