//! One carrier is silent for an hour while another's renewals go on: how long those take, with and without it. The hour is
//! the rehearsal clock's; what is measured is real time. `CARRIER_OUTAGE=60` looks at each of its minutes.

use std::sync::Arc;
use std::time::{Duration as StdDuration, Instant};

use renewal_portal::carriers::Carriers;
use renewal_portal::ids::OrderId;
use renewal_portal::jobs::Worker;
use renewal_portal::provisioning::{self, Place};
use renewal_portal::simulator::Config;
use time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::support::carrier::{Rig, client};
use crate::support::paid_order::paid_order;

const LANES: usize = 8;
/// New renewals each time one looks.
const AT_THE_SILENT_ONE: usize = 3;
const AT_THE_OTHER: usize = 5;
/// Far beyond what a renewal takes; to end the test, not to judge it.
const NEVER: StdDuration = StdDuration::from_secs(60);

fn looks() -> usize {
    std::env::var("CARRIER_OUTAGE").ok().and_then(|count| count.parse().ok()).unwrap_or(6)
}

/// Takes every connection and answers nothing.
async fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

async fn place(rig: &Rig, carrier: &str, number: usize) -> OrderId {
    let paid = paid_order(&rig.db.pool, &format!("+86137{number:05}555"), rig.clock.now()).await;
    sqlx::query("update lines set carrier = $2 where account_id = $1")
        .bind(paid.account)
        .bind(carrier)
        .execute(&rig.db.pool)
        .await
        .unwrap();
    let mut tx = rig.db.pool.begin().await.unwrap();
    let place =
        Place { order_id: paid.order, attempt_id: paid.attempt, account_id: paid.account, now: rig.clock.now() };
    provisioning::place(&mut tx, place).await.unwrap();
    tx.commit().await.unwrap();
    paid.order
}

/// How long each of these takes to end.
async fn ended(rig: &Rig, orders: Vec<(OrderId, Instant)>) -> Vec<StdDuration> {
    let mut took = Vec::new();
    let mut open = orders;
    while !open.is_empty() {
        let mut still = Vec::new();
        for (order, since) in open {
            match rig.look(order).await.state {
                provisioning::State::Succeeded => took.push(since.elapsed()),
                _ => still.push((order, since)),
            }
            assert!(since.elapsed() < NEVER, "a renewal waits for a carrier that is not its own");
        }
        open = still;
        tokio::time::sleep(StdDuration::from_millis(2)).await;
    }
    took
}

/// A minute of the rehearsal clock is over at once; what came due in it has a real minute's time in life.
async fn rested(rig: &Rig) {
    let due = "select count(*) from jobs where state = 'ready' and run_at <= $1";
    let since = Instant::now();
    while sqlx::query_scalar::<_, i64>(due).bind(rig.clock.now()).fetch_one(&rig.db.pool).await.unwrap() > 0 {
        assert!(since.elapsed() < NEVER, "what waits for the silent carrier never comes to rest");
        tokio::time::sleep(StdDuration::from_millis(20)).await;
    }
}

/// An hour of the other carrier's renewals.
async fn hour(rig: Arc<Rig>) -> Vec<StdDuration> {
    let (stop, stopped) = watch::channel(false);
    let worker = Worker {
        pool: rig.db.pool.clone(),
        clock: rig.clock.clone(),
        lanes: LANES,
        prompt: &["provisioned"],
        background: &[],
    };
    let hands = rig.clone();
    let handle = move |job| {
        let rig = hands.clone();
        async move { rig.handle(job).await }
    };
    let working = tokio::spawn(worker.run(handle, stopped));
    let (mut took, looks) = (Vec::new(), looks());
    for look in 0..looks {
        for number in 0..AT_THE_SILENT_ONE {
            place(&rig, "cucc", look * 100 + number).await;
        }
        let mut orders = Vec::new();
        for number in 0..AT_THE_OTHER {
            orders.push((place(&rig, "cmcc", look * 100 + 50 + number).await, Instant::now()));
        }
        took.extend(ended(&rig, orders).await);
        rig.clock.advance(Duration::HOUR / i32::try_from(looks).unwrap());
        rested(&rig).await;
    }
    let _ = stop.send(true);
    working.await.unwrap();
    took
}

fn percentile(took: &mut [StdDuration], percent: usize) -> StdDuration {
    took.sort();
    took[(took.len() * percent).div_ceil(100) - 1]
}

async fn rig() -> Rig {
    Rig::new(Config { usual: (StdDuration::ZERO, StdDuration::ZERO), ..Config::default() }).await
}

#[tokio::test]
async fn an_hour_without_one_carrier_is_nothing_to_the_others() {
    let mut whole = rig().await;
    let there = client(&whole.simulator.url());
    whole.carriers = Carriers::default().with("cucc", there.clone(), 4).with("cmcc", there, 4);
    let mut usual = hour(Arc::new(whole)).await;

    let (_listener, nobody) = silent().await;
    let mut torn = rig().await;
    let there = client(&torn.simulator.url());
    torn.carriers = Carriers::default().with("cucc", client(&nobody), 4).with("cmcc", there, 4);
    let torn = Arc::new(torn);
    let mut meanwhile = hour(torn.clone()).await;

    let expected = AT_THE_OTHER * looks();
    assert_eq!((usual.len(), meanwhile.len()), (expected, expected), "all were renewed while it was silent");
    let at_the_silent_one = "select count(*) from provisionings where carrier = 'cucc' and status = 'succeeded'";
    let done: i64 = sqlx::query_scalar(at_the_silent_one).fetch_one(&torn.db.pool).await.unwrap();
    assert_eq!(done, 0, "it was silent the whole hour");
    for percent in [50, 99] {
        let (before, during) = (percentile(&mut usual, percent), percentile(&mut meanwhile, percent));
        let ratio = during.as_micros() * 100 / before.as_micros().max(1);
        println!("p{percent} of {expected}: {before:.1?}, with the outage {during:.1?}: {ratio} %");
    }
}
