//! eSIM Go, which knows no id of ours: what was asked for is found by what is new on the line.

use std::sync::Arc;

use renewal_portal::calendar::add_days;
use renewal_portal::carriers::esim_go::{EsimGo, Settings};
use renewal_portal::carriers::{Carrier, CarrierError, LineRef, LineState, Refusal, Submission};
use renewal_portal::clock::Clock;
use renewal_portal::ids::OrderId;
use renewal_portal::money::{Currency, Money};
use renewal_portal::provisioning::{PROVISIONED, State};
use renewal_portal::simulator::{Config, esim_go};
use renewal_portal::units::Data;
use time::Duration;

use crate::carrier_http::{JSON, http, server_that_says};
use crate::support::PATIENCE;
use crate::support::carrier::{Rig, quick};

const PRODUCT: &str = "cucc:test-30";

fn adapter(url: &str, clock: &Clock, key: &str) -> EsimGo {
    let settings = Settings { address: url.to_owned(), api_key: key.into() };
    EsimGo::new(&settings, PATIENCE, clock.clone()).unwrap()
}

fn reach(url: &str, clock: &Clock) -> Arc<dyn Carrier> {
    Arc::new(adapter(&format!("{url}/cucc/esim-go/v2.5"), clock, esim_go::API_KEY))
}

async fn rig() -> Rig {
    Rig::with(quick(), reach).await
}

impl Rig {
    fn carrier(&self) -> Arc<dyn Carrier> {
        self.carriers.get("cucc").unwrap().carrier.clone()
    }

    async fn is_whole(&self, order: OrderId) {
        assert_eq!((self.renewals(order).await, self.books().await), (1, whole(1)));
    }

    async fn line_of(&self, order: OrderId) -> LineRef {
        self.look(order).await.request.line
    }

    async fn run(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.db.pool).await.unwrap();
    }
}

fn whole(renewals: i64) -> renewal_portal::simulator::ledger::Counts {
    renewal_portal::simulator::ledger::Counts { renewals, ..Default::default() }
}

#[tokio::test]
async fn an_order_is_done_once_its_bundle_is_on_the_line() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000555").await;
    let taken = rig.step(paid.order).await;
    assert_eq!(taken.state, State::Submitted);
    assert!(taken.carrier_reference.is_some() && taken.baseline.is_some());
    rig.clock.advance(Duration::seconds(4));
    let done = rig.step(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    rig.is_whole(paid.order).await;
}

#[tokio::test]
async fn a_bundle_that_waits_for_the_one_before_is_the_customers_and_has_no_end_yet() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000100").await;
    rig.run("update simulator.products set effect = 'queue'").await;
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, None));
    rig.is_whole(paid.order).await;
    assert_eq!(rig.carrier().usage(&done.request.line).await.unwrap().valid_until, None);
}

#[tokio::test]
async fn done_without_a_word_is_found_on_the_line() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000101").await;
    assert_eq!(rig.step(paid.order).await.state, State::Unknown);
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    assert!(done.carrier_reference.is_some(), "found, and its reference kept");
    rig.is_whole(paid.order).await;
}

#[tokio::test]
async fn what_does_not_show_is_sent_again_only_after_ten_minutes() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000102").await;
    let lost = rig.step(paid.order).await;
    assert_eq!((lost.state, rig.renewals(paid.order).await), (State::Unknown, 0));
    for _ in 0..18 {
        rig.clock.advance(Duration::seconds(31));
        let waiting = rig.step(paid.order).await;
        assert_eq!((waiting.state, waiting.submitted_at), (State::Unknown, lost.submitted_at));
    }
    assert_eq!(rig.renewals(paid.order).await, 0);
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    rig.is_whole(paid.order).await;
}

#[tokio::test]
async fn what_was_taken_on_is_never_sent_again() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000100").await;
    let task = rig.look(paid.order).await;
    let (now, baseline) = (rig.clock.now(), serde_json::json!([]));
    let asked_an_hour_ago = |reference| Submission {
        request: &task.request,
        reference,
        baseline: &baseline,
        sent_at: Some(now - Duration::hours(1)),
        now,
    };
    let carrier = rig.carrier();
    assert_eq!(carrier.find(&asked_an_hour_ago(None)).await, Ok(None), "nobody took it on");
    let taken_on = carrier.find(&asked_an_hour_ago(Some("their-order"))).await;
    assert!(matches!(taken_on, Err(CarrierError::TooEarly(_))), "{taken_on:?}");
}

#[tokio::test]
async fn refusals_errors_and_short_measure_are_told_apart() {
    let rig = rig().await;
    let refused = rig.place_known("+8613800000103").await;
    let no = rig.finish(refused.order).await;
    assert_eq!((no.state, no.refusal.as_deref()), (State::FailedPermanent, Some("not_renewable")));
    for (number, days) in [("+8613800000104", 0), ("+8613800000105", 0), ("+8613800000106", -5), ("+8613800000107", 0)]
    {
        let paid = rig.place_known(number).await;
        let done = rig.finish(paid.order).await;
        let until = add_days(paid.promised_until, days).unwrap();
        assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(until)), "{number}");
        assert_eq!(rig.renewals(paid.order).await, 1, "{number}");
    }
    assert_eq!(rig.books().await, whole(4));
}

#[tokio::test]
async fn a_slow_one_is_waited_for() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000120").await;
    assert_eq!(rig.step(paid.order).await.state, State::Submitted);
    rig.clock.advance(Duration::seconds(12));
    assert_eq!(rig.step(paid.order).await.state, State::Submitted);
    assert_eq!(rig.events(PROVISIONED).await, 0);
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    rig.is_whole(paid.order).await;
}

#[tokio::test]
async fn errors_before_and_after_the_effect_end_in_one_renewal_each() {
    let rig = Rig::with(Config { broken_before: 25, broken_after: 25, ..quick() }, reach).await;
    for number in 0..12 {
        let paid = rig.place_known(&format!("+8613800{number:02}5100")).await;
        let done = rig.finish(paid.order).await;
        assert_eq!((done.state, rig.renewals(paid.order).await), (State::Succeeded, 1));
    }
    assert_eq!(rig.books().await, whole(12));
}

#[tokio::test]
async fn a_dry_run_says_what_it_would_cost_and_why_not() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000100").await;
    let (carrier, line) = (rig.carrier(), rig.line_of(paid.order).await);
    let quote = carrier.quote(&line, PRODUCT).await.unwrap();
    assert_eq!((quote.eligible, quote.cost), (Ok(()), Some(Money::new(3_675, Currency::Cny))));
    let missing = carrier.quote(&line, "esim_nothing").await.unwrap();
    assert_eq!(missing.eligible, Err(Refusal::Other("eSIM or bundle not found".to_owned())));
    assert_eq!(rig.books().await.renewals, 0, "a dry run renews nothing");
    assert_eq!(carrier.credit().await, Ok(None));
    rig.run("insert into simulator.wallets values ('cucc', 3674, 'CNY')").await;
    assert_eq!(carrier.credit().await, Ok(Some(Money::new(3_674, Currency::Cny))));
    assert_eq!(carrier.quote(&line, PRODUCT).await, Err(CarrierError::NoCredit));
    let waiting = rig.step(paid.order).await;
    assert_eq!((waiting.state, waiting.submitted_at), (State::Queued, None), "an empty wallet is no refusal");
    rig.run("update simulator.wallets set minor = 3675").await;
    assert_eq!(rig.finish(paid.order).await.state, State::Succeeded);
    assert_eq!(carrier.credit().await, Ok(Some(Money::zero(Currency::Cny))));
}

#[tokio::test]
async fn what_came_onto_the_line_while_it_was_turned_away_is_not_taken_for_it() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000100").await;
    rig.run("insert into simulator.wallets values ('cucc', 0, 'CNY')").await;
    let away = rig.step(paid.order).await;
    assert_eq!((away.state, away.submitted_at), (State::Queued, None));
    rig.run(
        "insert into simulator.renewals (request_id, fingerprint, carrier, iccid, product, before_until, valid_until, received_at, due_at)
         select 'somebody-elses', '', carrier, iccid, 'cucc:test-30', valid_until, valid_until + 30, now(), now()
         from simulator.lines",
    )
    .await;
    // From now on the first order that reaches the carrier is lost on the way.
    rig.run("update simulator.lines set msisdn = '+8613800000102'").await;
    rig.run("delete from simulator.tries").await;
    rig.run("update simulator.wallets set minor = 100000").await;
    rig.clock.advance(Duration::minutes(10));
    assert_eq!(rig.step(paid.order).await.state, State::Unknown);
    assert_eq!(rig.finish(paid.order).await.state, State::Succeeded);
    assert_eq!(rig.renewals(paid.order).await, 2, "somebody else's, and the one that was paid for");
}

#[tokio::test]
async fn usage_and_offers_are_read() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000100").await;
    rig.run("insert into simulator.wallets values ('cucc', 100000, 'CNY')").await;
    let carrier = rig.carrier();
    let offers = carrier.offers(None).await.unwrap();
    assert_eq!(offers.len(), 1);
    assert_eq!((offers[0].product.as_str(), offers[0].cost), (PRODUCT, Some(Money::new(3_675, Currency::Cny))));
    let done = rig.finish(paid.order).await;
    let usage = carrier.usage(&done.request.line).await.unwrap();
    assert_eq!((usage.state, usage.valid_until), (Some(LineState::Active), Some(paid.promised_until)));
    assert_eq!(usage.left.map(|left| left.data), Some(Data::Bytes(1_000_000_000)));
}

#[tokio::test]
async fn a_wrong_key_opens_nothing() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000100").await;
    let stranger = adapter(&format!("{}/cucc/esim-go/v2.5", rig.simulator.url()), &rig.clock, "another key");
    let line = rig.line_of(paid.order).await;
    assert!(matches!(stranger.quote(&line, PRODUCT).await, Err(CarrierError::Misconfigured(_))));
    assert!(matches!(stranger.usage(&line).await, Err(CarrierError::Misconfigured(_))));
}

#[tokio::test]
async fn what_comes_back_broken_is_neither_done_nor_undone() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000100").await;
    let task = rig.look(paid.order).await;
    let (now, baseline) = (rig.clock.now(), serde_json::json!([]));
    let submission = Submission {
        request: &task.request,
        reference: None,
        baseline: &baseline,
        sent_at: Some(now - Duration::hours(1)),
        now,
    };
    let endless =
        format!("HTTP/1.1 200 OK\r\ncontent-type: {JSON}\r\n\r\n{{\"orderReference\":\"{}", "x".repeat(600_000));
    for (what, bytes) in [
        ("an error with 200", http("200 OK", JSON, r#"{"message":"internal"}"#)),
        ("half an answer", http("200 OK", JSON, r#"{"orderReference":"1","bundles":[]}"#)[..80].to_vec()),
        ("a page", http("200 OK", "text/html", "<h1>Oops</h1>")),
        ("no JSON by its own word", http("200 OK", "text/plain", r#"{"orderReference":"1","bundles":[]}"#)),
        ("a body without end", endless.into_bytes()),
        ("a failure", http("500 Oh", JSON, "{}")),
        ("numbers for words", http("200 OK", JSON, r#"{"orderReference":1,"bundles":[{"name":1}]}"#)),
        ("a bundle without an id", http("200 OK", JSON, r#"{"bundles":[{"name":"x","assignments":[{}]}]}"#)),
    ] {
        let carrier = adapter(&server_that_says(bytes).await, &rig.clock, "key");
        let submitted = carrier.submit(&submission).await;
        assert!(matches!(submitted, Err(CarrierError::Unknown(_))), "{what}: {submitted:?}");
        let found = carrier.find(&submission).await;
        assert!(matches!(found, Err(CarrierError::Unknown(_))), "{what}: {found:?}");
    }
    let strange = http("404 Not Found", JSON, "{}");
    let carrier = adapter(&server_that_says(strange).await, &rig.clock, "key");
    assert!(carrier.usage(&task.request.line).await.is_err(), "an address that is not theirs knows no line");
    let later = b"HTTP/1.1 429 Slow down\r\nretry-after: 17\r\ncontent-length: 0\r\n\r\n".to_vec();
    let carrier = adapter(&server_that_says(later).await, &rig.clock, "key");
    let rest = Err(CarrierError::Busy(std::time::Duration::from_secs(17)));
    assert_eq!(carrier.submit(&submission).await, rest);
}

/// The carrier's rows bear ids of its own: the books must find whose they are, and what nobody asked for.
#[tokio::test]
async fn the_books_count_renewals_that_bear_no_id_of_ours() {
    let rig = rig().await;
    let paid = rig.place_known("+8613800000100").await;
    rig.finish(paid.order).await;
    let again = |id: &'static str, at: &'static str| {
        format!("insert into simulator.renewals (request_id, fingerprint, carrier, iccid, product, before_until, valid_until, received_at, due_at)
                 select '{id}', fingerprint, carrier, iccid, product, before_until, valid_until, received_at {at}, due_at
                 from simulator.renewals where request_id !~ '-row$' limit 1")
    };
    sqlx::query(sqlx::AssertSqlSafe(again("second-row", ""))).execute(&rig.db.pool).await.unwrap();
    let doubled = rig.books().await;
    assert_eq!((doubled.doubled, doubled.orphaned), (1, 0), "asked for once, done twice");
    rig.run("delete from simulator.renewals where request_id = 'second-row'").await;
    sqlx::query(sqlx::AssertSqlSafe(again("stray-row", "+ interval '1 day'"))).execute(&rig.db.pool).await.unwrap();
    let stray = rig.books().await;
    assert_eq!((stray.doubled, stray.orphaned), (0, 1), "done when nobody had asked");
    rig.run("delete from simulator.renewals").await;
    assert_eq!(rig.books().await.missing, 1);
}
