//! Many renewals through every protocol, while the carrier fails before the effect, after it, and workers die in the
//! middle: each line is renewed once. `CARRIER_STORM=500` makes it a long one.

use std::time::Duration as StdDuration;

use renewal_portal::carriers::Carriers;
use renewal_portal::ids::OrderId;
use renewal_portal::jobs::{self, Claimed};
use renewal_portal::provisioning;
use renewal_portal::simulator::{Config, stock};
use time::Duration;

use crate::support::carrier::{Rig, client};
use crate::support::protocols;

/// Of a hundred renewals, so many answer 500 with nothing done, and as many with all done.
const BROKEN: u8 = 15;
/// A worker dies for so many renewals.
const A_DEATH_FOR: usize = 10;

fn how_many() -> usize {
    std::env::var("CARRIER_STORM").ok().and_then(|count| count.parse().ok()).unwrap_or(10)
}

async fn storm(protocol: impl Fn(&str) -> String) {
    let config = Config {
        usual: (StdDuration::ZERO, StdDuration::from_secs(2)),
        broken_before: BROKEN,
        broken_after: BROKEN,
        ..Config::default()
    };
    let rig = Rig::with(config, |url, clock| protocols::connection(&protocol(url), clock).carrier).await;
    rig.sells_by_number().await;
    let count = how_many();
    let mut orders = Vec::new();
    for number in 0..count {
        orders.push(rig.place(&format!("+86138{number:05}555")).await.order);
    }
    stock::take(&mut rig.db.pool.acquire().await.unwrap()).await.unwrap();
    let deaths = weather(&rig, count / A_DEATH_FOR).await;
    for order in &orders {
        assert_eq!(renewed(&rig, *order).await, 1, "{:?}", rig.look(*order).await);
    }
    let books = rig.books().await;
    assert_eq!((books.renewals, books.broken()), (i64::try_from(count).unwrap(), 0), "{books:?}");
    println!("{count} renewals, {deaths} deaths: each done once");
}

/// Runs what is due, minute after minute, until every order has ended. Returns how often a worker died.
async fn weather(rig: &Rig, wanted: usize) -> usize {
    let mut deaths = 0;
    for round in 0..2_000_u64 {
        let handle = |job: Claimed| rig.handle(job);
        let working = jobs::run_due(&rig.db.pool, &rig.clock, handle);
        let moment = StdDuration::from_millis(3 + (round * 37) % 100);
        let died = if deaths < wanted {
            tokio::time::timeout(moment, working).await.is_err()
        } else {
            working.await.unwrap();
            false
        };
        deaths += usize::from(died);
        // No worker lives between the rounds, though a dead one's last claim may arrive late.
        let expire = "update jobs set lease_until = now() - interval '1 second' where state = 'running'";
        sqlx::query(expire).execute(&rig.db.pool).await.unwrap();
        let open = "select count(*) from provisionings where status not in ('succeeded', 'failed_permanent')";
        let open: i64 = sqlx::query_scalar(open).fetch_one(&rig.db.pool).await.unwrap();
        if open == 0 {
            return deaths;
        }
        rig.clock.advance(Duration::seconds(if died { 1 } else { 20 }));
    }
    panic!("it never calmed down: {:?}", standing(rig).await);
}

/// What keeps the orders that have not ended.
async fn standing(rig: &Rig) -> Vec<(String, Option<String>, i64)> {
    let open = "select status, (select j.state || ' ' || j.run_at || ' ' || coalesce(last_error, '') from jobs j where kind = 'provision' and dedupe_key = p.id::text), count(*) from provisionings p
       where status not in ('succeeded', 'failed_permanent') group by 1, 2 order by 3 desc limit 5";
    sqlx::query_as(open).fetch_all(&rig.db.pool).await.unwrap()
}

/// How often the order's own line was renewed, by the carrier's books.
async fn renewed(rig: &Rig, order: OrderId) -> i64 {
    assert_eq!(rig.look(order).await.state, provisioning::State::Succeeded);
    sqlx::query_scalar(
        "select count(*) from simulator.renewals r join orders o on o.iccid = r.iccid where o.id = $1 and r.refused is null",
    )
    .bind(order)
    .fetch_one(&rig.db.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn the_simulators_own_protocol() {
    storm(protocols::simulator).await;
}

#[tokio::test]
async fn airalo_partners() {
    storm(protocols::airalo).await;
}

#[tokio::test]
async fn esim_access() {
    storm(protocols::esim_access).await;
}

#[tokio::test]
async fn esim_go() {
    storm(protocols::esim_go).await;
}

#[tokio::test]
async fn tm_forum_product_orders() {
    storm(|url| protocols::tm_forum(url, "product_order")).await;
}

#[tokio::test]
async fn tm_forum_top_ups() {
    storm(|url| protocols::tm_forum(url, "top_up")).await;
}

#[tokio::test]
async fn dt_one() {
    storm(protocols::dt_one).await;
}

#[tokio::test]
async fn one_global_connect() {
    storm(protocols::one_global).await;
}

/// Nobody answers for an hour, then everybody is asked again: what was left alone longest comes within minutes.
#[tokio::test]
async fn an_hour_without_the_carrier_is_made_up_for_in_ten_minutes() {
    let mut rig = Rig::new(Config { usual: (StdDuration::ZERO, StdDuration::ZERO), ..Config::default() }).await;
    let there = std::mem::replace(&mut rig.carriers, Carriers::default().with("cucc", client(&nobody().await), 4));
    for number in 0..20 {
        rig.place(&format!("+86139{number:05}555")).await;
    }
    let run = async |rig: &Rig| {
        jobs::run_due(&rig.db.pool, &rig.clock, |job| rig.handle(job)).await.unwrap();
        rig.clock.advance(Duration::seconds(20));
        rig.events("provisioned").await
    };
    for _ in 0..180 {
        assert_eq!(run(&rig).await, 0);
    }
    rig.carriers = there;
    let back = rig.clock.now();
    while run(&rig).await < 20 {
        assert!(
            rig.clock.now() - back < Duration::minutes(10),
            "{} are still waiting",
            20 - rig.events("provisioned").await
        );
    }
    assert_eq!((rig.books().await.renewals, rig.books().await.broken()), (20, 0));
}

/// An address where nobody listens.
async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
