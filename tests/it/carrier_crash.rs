//! Either side dies in the middle; nothing is lost and nothing is done twice.

use std::time::Duration as StdDuration;

use renewal_portal::carriers::{Carriers, Turn};
use renewal_portal::jobs;
use renewal_portal::provisioning::{self, Settings, State};
use renewal_portal::simulator::Simulator;
use time::Duration;
use tokio::runtime::Runtime;

use crate::support::carrier::{Rig, client, quick, start};

/// A simulator in a runtime of its own, which can be torn away with all its connections.
fn start_apart(rig: &Rig) -> (Runtime, Simulator) {
    let apart = Runtime::new().unwrap();
    let (url, clock) = (rig.db.url.clone(), rig.clock.clone());
    let starting = apart
        .spawn(async move { Simulator::start(&url, "127.0.0.1:0".parse().unwrap(), clock, quick()).await.unwrap() });
    let simulator = tokio::task::block_in_place(|| apart.block_on(starting)).unwrap();
    (apart, simulator)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_carrier_torn_away_in_the_middle_remembers() {
    let mut rig = Rig::new(quick()).await;
    let (apart, torn) = start_apart(&rig);
    rig.carriers = Carriers::default().with("cucc", client(&torn.url()), 4);
    let under_way = rig.place("+8613800000120").await;
    assert_eq!(rig.step(under_way.order).await.state, State::Submitted);
    let done_in_silence = rig.place("+8613800000101").await;
    let tear = async {
        while rig.renewals(done_in_silence.order).await == 0 {
            tokio::time::sleep(StdDuration::from_millis(10)).await;
        }
        apart.shutdown_background();
    };
    let (lost, ()) = tokio::join!(rig.step(done_in_silence.order), tear);
    assert_eq!(lost.state, State::Unknown);

    rig.clock.advance(Duration::seconds(30));
    assert_eq!(rig.step(done_in_silence.order).await.state, State::Unknown, "a dead carrier proves nothing");
    assert_eq!(rig.look(under_way.order).await.state, State::Submitted);

    let again = start(&rig.db, &rig.clock, quick()).await;
    rig.carriers = Carriers::default().with("cucc", client(&again.url()), 4);
    for paid in [&done_in_silence, &under_way] {
        let done = rig.finish(paid.order).await;
        assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
        assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, 1));
    }
    assert_eq!(rig.books().await.broken(), 0);
}

#[tokio::test]
async fn a_carrier_that_is_down_is_waited_for() {
    let mut rig = Rig::new(quick()).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let up = rig.carriers.clone();
    rig.carriers = Carriers::default().with("cucc", client(&format!("http://{free}")), 4);
    let paid = rig.place("+8613800000100").await;
    let waiting = rig.step(paid.order).await;
    assert_eq!((waiting.state, waiting.submitted_at), (State::Queued, None));
    rig.carriers = Carriers::default();
    rig.clock.advance(Duration::seconds(5));
    let waiting = rig.step(paid.order).await;
    assert_eq!((waiting.state, waiting.asked_count), (State::Queued, 2), "nor is a missing connection an end");
    rig.carriers = up;
    assert_eq!(rig.finish(paid.order).await.state, State::Succeeded);
    assert_eq!(rig.renewals(paid.order).await, 1);
}

/// The worker dies while the carrier is silent: what it was about to record is never recorded.
#[tokio::test]
async fn a_worker_that_dies_during_the_call_asks_before_it_sends() {
    let rig = Rig::new(quick()).await;
    for (number, tries) in [("+8613800000101", 1), ("+8613800000102", 2)] {
        let paid = rig.place(number).await;
        let handle = |job: jobs::Claimed| {
            let rig = &rig;
            async move { provisioning::provision(&rig.db.pool, &rig.clock, &rig.carriers, &Settings::default(), &job).await }
        };
        let working = jobs::run_due(&rig.db.pool, &rig.clock, handle);
        assert!(tokio::time::timeout(StdDuration::from_millis(700), working).await.is_err());
        let left = rig.look(paid.order).await;
        assert_eq!(left.state, State::Queued);
        assert!(left.submitted_at.is_some(), "that it was sent is known all the same");

        let expire = "update jobs set lease_until = now() - interval '1 second' where state = 'running'";
        assert_eq!(sqlx::query(expire).execute(&rig.db.pool).await.unwrap().rows_affected(), 1);
        let done = rig.finish(paid.order).await;
        assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
        assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, tries));
    }
}

#[tokio::test]
async fn a_busy_carrier_holds_up_nobody() {
    let mut rig = Rig::new(quick()).await;
    rig.carriers = Carriers::default().with("cucc", client(&rig.simulator.url()), 1);
    let paid = rig.place("+8613800000100").await;
    let turn = rig.carriers.get("cucc").unwrap().turn(rig.clock.now());
    assert!(matches!(turn, Turn::Now(_)), "the only turn");
    let waiting = rig.step(paid.order).await;
    assert_eq!((waiting.state, waiting.submitted_at), (State::Queued, None));
    drop(turn);
    rig.clock.advance(Duration::seconds(2));
    assert_eq!(rig.step(paid.order).await.state, State::Succeeded);
}

#[tokio::test]
async fn placed_twice_is_one_request() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000100").await;
    let mut conn = rig.db.pool.acquire().await.unwrap();
    let first = rig.look(paid.order).await;
    let place = provisioning::Place {
        order_id: paid.order,
        attempt_id: paid.attempt,
        account_id: paid.account,
        now: rig.clock.now(),
    };
    assert_eq!(provisioning::place(&mut conn, place).await.unwrap(), first.id);
    assert_eq!(rig.events(provisioning::PROVISION).await, 1);
    assert_eq!(rig.finish(paid.order).await.request, first.request);
    assert_eq!(rig.renewals(paid.order).await, 1);
}
