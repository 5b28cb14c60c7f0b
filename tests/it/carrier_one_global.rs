//! 1GLOBAL Connect, which lists what was ever on a SIM: a lost order is found by what is new there.

use std::sync::Arc;

use axum::http::StatusCode;
use renewal_portal::calendar::add_days;
use renewal_portal::carriers::one_global::{Believed, OneGlobal, Settings};
use renewal_portal::carriers::{
    Answer, Carrier, CarrierError, Delivery, LineKind, LineState, NoticeKind, RenewalRequest, Submission,
};
use renewal_portal::clock::Clock;
use renewal_portal::provisioning::{Provisioning, State};
use renewal_portal::simulator::{Config, ledger, one_global};
use renewal_portal::units::Data;
use serde_json::{Value, json};
use time::Duration;

use crate::carrier_http::{JSON, http, server_that_says};
use crate::carrier_tm_forum::PRODUCT;
use crate::support::PATIENCE;
use crate::support::carrier::{Rig, quick};

fn settings(url: &str, secret: &str) -> Settings {
    Settings {
        address: format!("{url}/cucc/connect-api/v2"),
        token_address: format!("{url}/cucc/auth/realms/tru-staff/protocol/openid-connect/token"),
        client_id: one_global::CLIENT_ID.to_owned(),
        client_secret: secret.into(),
        country: "CN".to_owned(),
        notices: Believed::default(),
    }
}

fn reach(settings: &Settings, clock: &Clock) -> Arc<dyn Carrier> {
    Arc::new(OneGlobal::new(settings, PATIENCE, clock.clone()).unwrap())
}

async fn rig(config: Config) -> Rig {
    Rig::with(config, |url, clock| reach(&settings(url, one_global::CLIENT_SECRET), clock)).await
}

fn carrier(rig: &Rig) -> Arc<dyn Carrier> {
    rig.carriers.get("cucc").unwrap().carrier.clone()
}

fn sent(provisioning: &Provisioning) -> Submission<'_> {
    Submission {
        request: &provisioning.request,
        reference: provisioning.carrier_reference.as_deref(),
        baseline: provisioning.baseline.as_ref().unwrap_or(&Value::Null),
        sent_at: provisioning.submitted_at,
        now: provisioning.submitted_at.unwrap_or(provisioning.created_at),
    }
}

#[tokio::test]
async fn an_order_is_polled_until_it_is_completed() {
    let rig = rig(quick()).await;
    let paid = rig.place_known("+8613800000120").await;
    let taken = rig.step(paid.order).await;
    assert_eq!((taken.state, taken.carrier_reference.as_deref()), (State::Submitted, Some("1")));
    assert_eq!(taken.baseline.as_ref().and_then(Value::as_array).map(Vec::len), Some(1), "what was on the SIM before");
    rig.clock.advance(Duration::seconds(12));
    assert_eq!(rig.step(paid.order).await.state, State::Submitted);
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    assert_eq!(rig.books().await, ledger::Counts { renewals: 1, ..Default::default() });
}

#[tokio::test]
async fn every_way_the_carrier_answers_ends_in_one_renewal() {
    let rig = rig(quick()).await;
    for (ending, tries, short) in
        [("100", 1, 0), ("101", 1, 0), ("104", 4, 0), ("105", 1, 0), ("106", 1, 5), ("555", 1, 0)]
    {
        let paid = rig.place_known(&format!("+8613800000{ending}")).await;
        let done = rig.finish(paid.order).await;
        let until = add_days(paid.promised_until, -short).unwrap();
        assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(until)), "{ending}");
        assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, tries), "{ending}");
    }
    assert_eq!(rig.books().await, ledger::Counts { renewals: 6, ..Default::default() });
    let refused = rig.place_known("+8613800000103").await;
    let no = rig.finish(refused.order).await;
    assert_eq!((no.state, no.refusal.as_deref()), (State::FailedPermanent, Some("not_renewable")));
}

#[tokio::test]
async fn what_does_not_show_is_sent_again_only_after_an_hour() {
    let rig = rig(quick()).await;
    for ending in ["102", "107"] {
        let paid = rig.place_known(&format!("+8613800000{ending}")).await;
        let lost = rig.step(paid.order).await;
        assert_eq!((lost.state, rig.renewals(paid.order).await), (State::Unknown, 0), "{ending}");
        for _ in 0..11 {
            rig.clock.advance(Duration::minutes(5));
            let waiting = rig.step(paid.order).await;
            assert_eq!((waiting.state, waiting.submitted_at), (State::Unknown, lost.submitted_at), "{ending}");
        }
        assert_eq!(rig.tries(paid.order).await, 1, "{ending}");
        rig.clock.advance(Duration::minutes(10));
        let done = rig.finish(paid.order).await;
        assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)), "{ending}");
        assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, 2), "{ending}");
    }
}

#[tokio::test]
async fn only_what_is_new_and_of_the_same_product_is_taken_for_ours() {
    let rig = rig(quick()).await;
    let paid = rig.place_known("+8613800000100").await;
    let done = rig.finish(paid.order).await;
    let lost = Submission { reference: None, ..sent(&done) };
    let ours = Answer::Done { valid_until: Some(paid.promised_until) };
    assert_eq!(carrier(&rig).find(&lost).await, Ok(Some(ours)));
    let after = carrier(&rig).baseline(&done.request.line).await.unwrap();
    assert_eq!(carrier(&rig).find(&Submission { baseline: &after, ..lost }).await.ok(), None, "it was there before");
    let other = RenewalRequest { product: "cucc:other".to_owned(), ..done.request.clone() };
    assert!(matches!(
        carrier(&rig).find(&Submission { request: &other, ..lost }).await,
        Err(CarrierError::TooEarly(_))
    ));
    let unknown = carrier(&rig).find(&Submission { baseline: &Value::Null, ..lost }).await;
    assert!(matches!(unknown, Err(CarrierError::Unknown(_))), "{unknown:?}");
    let much_later = Submission { baseline: &after, now: lost.now + Duration::hours(1), ..lost };
    assert_eq!(carrier(&rig).find(&much_later).await, Ok(None));
}

#[tokio::test]
async fn errors_before_and_after_the_effect_end_in_one_renewal_each() {
    let rig = rig(Config { broken_before: 15, broken_after: 15, ..quick() }).await;
    for number in 0..20 {
        let paid = rig.place_known(&format!("+8613800{number:02}5100")).await;
        let done = rig.finish(paid.order).await;
        assert_eq!((done.state, rig.renewals(paid.order).await), (State::Succeeded, 1), "{number}");
    }
    assert_eq!(rig.books().await, ledger::Counts { renewals: 20, ..Default::default() });
}

#[tokio::test]
async fn tokens_are_kept_while_they_last_and_asked_for_again() {
    let rig = rig(quick()).await;
    let paid = rig.place_known("+8613800000100").await;
    let line = rig.look(paid.order).await.request.line;
    for _ in 0..5 {
        assert!(carrier(&rig).quote(&line, PRODUCT).await.unwrap().eligible.is_ok());
        rig.clock.advance(Duration::seconds(271));
    }
    let stranger = reach(&settings(&rig.simulator.url(), "wrong"), &rig.clock);
    let turned_away = stranger.submit(&sent(&rig.look(paid.order).await)).await;
    assert!(matches!(turned_away, Err(CarrierError::Misconfigured(_))), "{turned_away:?}");
    assert_eq!(rig.tries(paid.order).await, 0);
}

#[tokio::test]
async fn both_kinds_of_sim_are_ordered_on_one_endpoint_at_the_price_they_were_sold_for() {
    let (url, mut orders) = listener().await;
    let clock = Clock::real();
    let adapter = reach(&settings(&url, "any"), &clock);
    let rig = rig(quick()).await;
    let paid = rig.place_known("+8613800000100").await;
    let mut placed = rig.look(paid.order).await;
    for (kind, sim_type) in [(LineKind::Esim, "ESIM"), (LineKind::FmCard, "PSIM")] {
        placed.request.line.kind = kind;
        let accepted = adapter.submit(&sent(&placed)).await;
        assert_eq!(accepted, Ok(Answer::Accepted { reference: Some("6d41c4ff".to_owned()) }));
        let (correlation, order) = orders.recv().await.unwrap();
        assert_eq!(correlation, placed.request.request_id);
        let expected = json!({
            "operation_type": "TOPUP",
            "sim_type": sim_type,
            "country": "CN",
            "product": { "id": PRODUCT, "sold_price": 49.0, "sold_currency": "CNY" },
            "subscriber": { "sim": { "iccid": placed.request.line.iccid } },
        });
        assert_eq!(order, expected);
    }
}

type Orders = tokio::sync::mpsc::UnboundedReceiver<(String, Value)>;

/// Gives out a token, accepts every order and shows what it was sent.
async fn listener() -> (String, Orders) {
    use axum::routing::post;
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    let take = |headers: axum::http::HeaderMap, axum::Json(order): axum::Json<Value>| async move {
        assert_eq!(headers["authorization"], "Bearer t-1");
        let _ = tell.send((headers["x-correlation-id"].to_str().unwrap().to_owned(), order));
        (StatusCode::CREATED, axum::Json(json!({ "id": "6d41c4ff", "status": "ACCEPTED" })))
    };
    let token = || async { axum::Json(json!({ "access_token": "t-1", "expires_in": 300 })) };
    let app = axum::Router::new()
        .route("/cucc/connect-api/v2/orders", post(take))
        .route("/cucc/auth/realms/tru-staff/protocol/openid-connect/token", post(token));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, told)
}

#[tokio::test]
async fn usage_is_that_of_the_plans_that_run() {
    let rig = rig(quick()).await;
    let paid = rig.place_known("+8613800000100").await;
    let done = rig.finish(paid.order).await;
    let usage = carrier(&rig).usage(&done.request.line).await.unwrap();
    assert_eq!((usage.state, usage.valid_until), (Some(LineState::Active), Some(paid.promised_until)));
    assert_eq!(usage.left.map(|left| left.data), Some(Data::Bytes(1_000_000_000)));
    rig.clock.advance(Duration::days(400));
    assert_eq!(carrier(&rig).usage(&done.request.line).await.unwrap().state, Some(LineState::Expired));
}

#[tokio::test]
async fn bad_answers_are_mapped_and_end_nothing() {
    let rig = rig(quick()).await;
    let paid = rig.place_known("+8613800000100").await;
    let placed = rig.look(paid.order).await;
    let order = r#"{"id":"another","status":"COMPLETED","data":{}}"#;
    for (what, bytes) in [
        ("HTML", http("200 OK", "text/html", "<h1>Oops</h1>")),
        ("an error with 200", http("200 OK", JSON, r#"{"message":"oh"}"#)),
        ("half an answer", http("201 Created", JSON, order)[..100].to_vec()),
        ("the wrong kind", http("201 Created", "text/plain", order)),
        ("50 MB", http("201 Created", JSON, &format!("{order}{}", " ".repeat(50_000_000)))),
        ("a failure", http("500 Oh", JSON, "{}")),
        ("nothing", Vec::new()),
    ] {
        let talker = Settings { address: server_that_says(bytes).await, ..right(&rig) };
        let adapter = reach(&talker, &rig.clock);
        let submitted = adapter.submit(&sent(&placed)).await;
        assert!(matches!(submitted, Err(CarrierError::Unknown(_))), "{what}: {submitted:?}");
        let before = adapter.baseline(&placed.request.line).await;
        assert!(matches!(before, Err(CarrierError::Unavailable(_))), "{what}: nothing was sent: {before:?}");
        assert!(adapter.quote(&placed.request.line, PRODUCT).await.is_err(), "{what}");
        for reference in [None, Some("1")] {
            let found = adapter.find(&Submission { reference, baseline: &json!([]), ..sent(&placed) }).await;
            assert!(matches!(found, Err(CarrierError::Unknown(_))), "{what}: {found:?}");
        }
    }
    let someone_elses = Settings { address: server_that_says(http("200 OK", JSON, order)).await, ..right(&rig) };
    let found = reach(&someone_elses, &rig.clock).find(&Submission { reference: Some("1"), ..sent(&placed) }).await;
    assert!(matches!(found, Err(CarrierError::Unknown(_))), "{found:?}");
    let busy = b"HTTP/1.1 429 Slow\r\nretry-after: 77\r\ncontent-length: 0\r\n\r\n".to_vec();
    let adapter = reach(&Settings { address: server_that_says(busy).await, ..right(&rig) }, &rig.clock);
    let rest = std::time::Duration::from_secs(77);
    assert_eq!(adapter.submit(&sent(&placed)).await, Err(CarrierError::Busy(rest)));
}

fn right(rig: &Rig) -> Settings {
    settings(&rig.simulator.url(), one_global::CLIENT_SECRET)
}

#[tokio::test]
async fn notices_are_believed_for_their_address() {
    let clock = Clock::real();
    let notices = Believed { from: vec!["192.0.2.7".parse().unwrap()], ..Believed::default() };
    let adapter = reach(&Settings { notices, ..settings("http://127.0.0.1:1", "any") }, &clock);
    let body = br#"{"id":"1234-56789","type":"SUBSCRIPTION_END","iccid":"893000000002391231","subscription_id":"ZHNh",
        "expiration_date":"2024-10-14T04:05:38Z","current_balance":0}"#;
    let headers = axum::http::HeaderMap::new();
    let read = |peer: &str| {
        let delivery = Delivery { headers: &headers, body, peer: peer.parse().unwrap() };
        adapter.notices().unwrap().read(&delivery)
    };
    let notice = read("192.0.2.7").unwrap();
    assert_eq!((notice.kind, notice.iccid.as_deref()), (NoticeKind::LineChanged, Some("893000000002391231")));
    assert!(read("192.0.2.8").is_err());
}
