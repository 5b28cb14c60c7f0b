//! The crash drill: the real program is killed again and again while customers buy, and every order must end well.
//! `DRILL_ORDERS=200 DRILL_KILLS=20 cargo test --test drill -- --nocapture` is a longer one; see docs/operations.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod counts;
mod customers;
mod mix;
mod operator;
mod portal;
#[path = "../it/support/shopper.rs"]
#[allow(dead_code)]
mod shopper;
#[path = "../it/support/visitor.rs"]
#[allow(dead_code)]
mod visitor;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use customers::Journal;
use portal::Portal;
use renewal_portal::db::embedded;
use renewal_portal::{audit, catalogue, housekeeping, orders, payments, sync};
use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How long all orders have to settle once nobody is killed any more; a dead worker's jobs alone take a minute.
const PATIENCE: Duration = Duration::from_secs(900);

/// The jobs that come back by themselves, for ever.
const RECURRING: [&str; 7] = [
    payments::query::JOB,
    payments::reconcile::JOB,
    orders::expire::FIND_OVERDUE,
    housekeeping::HOURLY,
    audit::seal::JOB,
    catalogue::JOB,
    sync::SYNC,
];

/// From the end of a process to its successor's first answer.
type Kill = (OffsetDateTime, OffsetDateTime);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_crash_loses_or_doubles_an_order() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (orders, kills, methods) = (number("DRILL_ORDERS", 28), number("DRILL_KILLS", 3), methods());
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("drill-{}", std::process::id()));
    let begun = Instant::now();
    let mut portal = Portal::start(&data).await;
    let people = operator::prepare(&portal.database().await, orders, &methods).await;
    let orders = people.iter().map(|person| person.errands.len()).sum();
    println!("prepared {orders} orders after {:.0} s", begun.elapsed().as_secs_f32());

    let journal = Journal::default();
    let mut buying = buy(people, &portal.url(), &journal);
    let kills = crash(&mut portal, &journal, orders, kills).await;
    while let Some(bought) = buying.join_next().await {
        bought.expect("a customer who gets through");
    }
    println!("bought {orders}, killed {} times after {:.0} s", kills.len(), begun.elapsed().as_secs_f32());

    let pool = portal.database().await;
    let moved = settle(&pool).await;
    reconcile(&pool).await;
    compare(&pool, &journal, orders).await;
    let entries = journal.entries().await;
    let mut report = counts::endings(&pool, &entries).await + &counts::money(&pool).await;
    report += &(counts::trouble(&pool).await + &counts::haste(&pool, moved, &kills).await);
    pool.close().await;
    let (clean, audit) = portal.audit();
    println!("settled after {:.0} s\n{report}{audit}", begun.elapsed().as_secs_f32());
    assert!(clean, "{audit}");
    drop(portal);
    std::thread::sleep(Duration::from_secs(1));
    embedded::erase(&data).expect("the end of the drill's database");
    let _ = std::fs::remove_dir_all(&data);
}

/// The ways to pay that take turns.
fn methods() -> Vec<&'static str> {
    let wanted = std::env::var("DRILL_METHODS").unwrap_or_else(|_| METHODS.join(","));
    let known = |name: &str| METHODS.into_iter().find(|method| *method == name);
    wanted.split(',').map(|name| known(name).unwrap_or_else(|| panic!("DRILL_METHODS: no method {name}"))).collect()
}

const METHODS: [&str; 4] = ["sandbox", "card", "alipay", "wechat"];

fn buy(people: Vec<operator::Customer>, url: &str, journal: &Journal) -> JoinSet<()> {
    let mut buying = JoinSet::new();
    let doors = Arc::new(Semaphore::new(number("DRILL_CUSTOMERS", 24)));
    for (number, person) in people.into_iter().enumerate() {
        let (url, journal, doors) = (url.to_owned(), journal.clone(), doors.clone());
        buying.spawn(async move {
            let _inside = doors.acquire().await.expect("a turn");
            let mut browser = customers::sign_in(&url, &person.email, operator::PASSWORD).await;
            if number % 2 == 1 {
                customers::hold_a_phone(&mut browser);
            }
            customers::run(browser, person.errands, journal).await;
        });
    }
    buying
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Kills spread over the buying: each once so many more orders are placed, at a moment nobody chose.
async fn crash(portal: &mut Portal, journal: &Journal, orders: usize, kills: usize) -> Vec<Kill> {
    let mut done = vec![];
    for kill in 0..kills {
        let due = orders * kill / kills;
        while journal.entries().await.len() < due {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut chance = [0u8; 2];
        renewal_portal::ids::fill_random(&mut chance);
        tokio::time::sleep(Duration::from_millis(u64::from(u16::from_le_bytes(chance)) % 1_500)).await;
        let killed = OffsetDateTime::now_utc();
        portal.crash().await;
        done.push((killed, OffsetDateTime::now_utc()));
    }
    done
}

/// Moves time on until nothing is left to do, each time once all that is due is done. Returns when it was first moved.
async fn settle(pool: &PgPool) -> OffsetDateTime {
    let begun = Instant::now();
    let unsettled = "select count(*) from orders where status in ('awaiting_payment', 'paid', 'refunding')";
    let undone = "select count(*) from jobs where state in ('ready', 'running') and kind <> all($1)";
    let (mut moved, mut steps) = (None, 0);
    loop {
        rest(pool, begun).await;
        let left: i64 = sqlx::query_scalar(unsettled).fetch_one(pool).await.expect("orders");
        let jobs: i64 = sqlx::query_scalar(undone).bind(RECURRING).fetch_one(pool).await.expect("jobs");
        if left == 0 && jobs == 0 {
            return moved.unwrap_or_else(OffsetDateTime::now_utc);
        }
        assert!(begun.elapsed() < PATIENCE, "{left} orders and {jobs} jobs are not settled");
        moved = moved.or_else(|| Some(OffsetDateTime::now_utc()));
        steps += 1;
        pass(pool, if steps <= 10 { 60 } else { 300 }).await;
    }
}

/// Until nothing is due: time that runs ahead of the work would make late what is not.
async fn rest(pool: &PgPool, begun: Instant) {
    let due = "select count(*) from jobs, rehearsal_clock
        where state = 'running' or state = 'ready' and run_at <= now() + make_interval(secs => ahead_seconds)";
    while sqlx::query_scalar::<_, i64>(due).fetch_one(pool).await.expect("jobs") > 0 {
        assert!(begun.elapsed() < PATIENCE, "there is always something due");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn pass(pool: &PgPool, seconds: i64) {
    let ahead = "update rehearsal_clock set ahead_seconds = ahead_seconds + $1";
    sqlx::query(ahead).bind(seconds).execute(pool).await.expect("the clock");
    // Every process follows it within a second.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
}

/// Lets two nights pass, so that each gateway's statement of today is held against our books; the audit says what came of it.
async fn reconcile(pool: &PgPool) {
    let today: time::Date = sqlx::query_scalar("select max(created_at)::date from payment_attempts")
        .fetch_one(pool)
        .await
        .expect("a payment");
    pass(pool, 48 * 3600).await;
    let begun = Instant::now();
    let missing = "select count(distinct gateway) from payment_attempts p where p.gateway <> 'balance' and not exists (
        select from reconciliation_runs r where r.gateway = p.gateway and r.day >= $1 and r.failure is null)";
    while sqlx::query_scalar::<_, i64>(missing).bind(today).fetch_one(pool).await.expect("statements") > 0 {
        assert!(begun.elapsed() < PATIENCE, "a statement is missing");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    rest(pool, begun).await;
}

/// What was acknowledged is there, once.
async fn compare(pool: &PgPool, journal: &Journal, orders: usize) {
    let entries = journal.entries().await;
    assert_eq!(entries.len(), orders);
    for entry in entries.iter() {
        let found: (i64, i64, i64) = sqlx::query_as(
            "select (select count(*) from orders where id = $1 and attempt_key = $2::uuid),
                    (select count(*) from sandbox.payments p join payment_attempts a using (merchant_ref) where a.order_id = $1 and p.outcome is not null),
                    coalesce((select balance_minor from payment_attempts where order_id = $1 and applied), 0)",
        )
        .bind(entry.order)
        .bind(&entry.attempt)
        .fetch_one(pool)
        .await
        .expect("the order");
        // Alipay's trade waits on after its payer declined, and is then paid.
        let ends = |pressed: &&&'static str| !(entry.deal.method == "alipay" && **pressed == "decline");
        let ended = entry.pressed.iter().filter(ends).count();
        let expected = (1, i64::try_from(ended).unwrap(), entry.deal.funds.of_balance());
        assert_eq!(found, expected, "{} {:?} {:?}", entry.order, entry.pressed, entry.deal);
    }
}
