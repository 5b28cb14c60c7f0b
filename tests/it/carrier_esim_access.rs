//! eSIM Access, where a lost top-up is told only by what is on the line: it is done once all the same.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use renewal_portal::calendar::add_days;
use renewal_portal::carriers::esim_access::{EsimAccess, Settings, senders};
use renewal_portal::carriers::{Answer, Carrier, CarrierError, Change, LineRef, LineState, Refusal, Submission};
use renewal_portal::clock::Clock;
use renewal_portal::money::{Currency, Money};
use renewal_portal::plans::effect::Data;
use renewal_portal::provisioning::{PROVISIONED, State};
use renewal_portal::simulator::Config;
use renewal_portal::simulator::esim_access::{ACCESS_CODE, SECRET_KEY};
use serde_json::{Value, json};
use time::Duration;

use crate::support::PATIENCE;
use crate::support::carrier::{Rig, carrier_of, quick};
use crate::support::carrier_api::Machine;

const PRODUCT: &str = "cucc:test-30";
const JSON: &str = "application/json";

fn adapter(address: &str, key: &str, clock: &Clock) -> EsimAccess {
    let settings = Settings {
        address: address.to_owned(),
        access_code: ACCESS_CODE.to_owned(),
        secret_key: key.into(),
        notices_from: senders(),
    };
    EsimAccess::new(&settings, PATIENCE, clock.clone()).unwrap()
}

fn face(url: &str) -> String {
    format!("{url}/cucc/esim-access/api/v1/open")
}

async fn rig(config: Config) -> Rig {
    Rig::with(config, |url, clock| Arc::new(adapter(&face(url), SECRET_KEY, clock))).await
}

async fn line_of(rig: &Rig, number: &str) -> LineRef {
    let order = rig.place_known(number).await.order;
    rig.look(order).await.request.line
}

async fn run(rig: &Rig, sql: &'static str) {
    sqlx::query(sql).execute(&rig.db.pool).await.unwrap();
}

mod endings {
    use super::*;

    #[tokio::test]
    async fn a_top_up_says_until_when() {
        let rig = rig(quick()).await;
        for number in ["+8613800000100", "+8613800000120", "+8613800000555"] {
            let paid = rig.place_known(number).await;
            let done = rig.step(paid.order).await;
            assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)), "{number}");
            assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, 1), "{number}");
        }
        let short = rig.place_known("+8613800000106").await;
        let given = rig.step(short.order).await.carrier_until;
        assert_eq!(given, Some(add_days(short.promised_until, -5).unwrap()));
        assert_eq!((rig.events(PROVISIONED).await, rig.books().await.broken()), (4, 0));
    }

    #[tokio::test]
    async fn what_was_done_without_a_word_shows_on_the_line() {
        let rig = rig(quick()).await;
        for number in ["+8613800000101", "+8613800000105"] {
            let paid = rig.place_known(number).await;
            assert_eq!(rig.step(paid.order).await.state, State::Unknown, "{number}");
            let done = rig.finish(paid.order).await;
            assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)), "{number}");
            assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, 1), "{number}");
        }
        assert_eq!(rig.books().await.broken(), 0);
    }

    #[tokio::test]
    async fn what_shows_on_no_line_is_sent_again_after_a_while() {
        let rig = rig(quick()).await;
        for number in ["+8613800000102", "+8613800000107"] {
            let paid = rig.place_known(number).await;
            assert_eq!(rig.step(paid.order).await.state, State::Unknown, "{number}");
            rig.clock.advance(Duration::minutes(9));
            assert_eq!(rig.step(paid.order).await.state, State::Unknown, "{number}");
            assert_eq!(rig.tries(paid.order).await, 1, "{number}: too early to send it again");
            let done = rig.finish(paid.order).await;
            assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)), "{number}");
            assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, 2), "{number}");
        }
        assert_eq!(rig.books().await.broken(), 0);
    }

    #[tokio::test]
    async fn a_refusal_is_final_and_a_closed_door_is_not() {
        let rig = rig(quick()).await;
        let refused = rig.place_known("+8613800000103").await;
        let ended = rig.step(refused.order).await;
        assert_eq!((ended.state, ended.refusal.as_deref()), (State::FailedPermanent, Some("not_renewable")));
        let away = rig.place_known("+8613800000104").await;
        let queued = rig.step(away.order).await;
        assert_eq!((queued.state, queued.submitted_at), (State::Queued, None));
        assert_eq!(rig.finish(away.order).await.state, State::Succeeded);
        assert_eq!((rig.renewals(refused.order).await, rig.renewals(away.order).await), (0, 1));
        assert_eq!(rig.books().await.broken(), 0);
    }

    #[tokio::test]
    async fn errors_before_and_after_the_effect_end_in_one_top_up_each() {
        let rig = rig(Config { broken_before: 40, broken_after: 40, ..quick() }).await;
        let mut orders = vec![];
        for number in 0..12 {
            orders.push(rig.place_known(&format!("+86138000009{number:02}")).await.order);
        }
        for order in orders {
            assert_eq!(rig.finish(order).await.state, State::Succeeded);
            assert_eq!(rig.renewals(order).await, 1);
        }
        let books = rig.books().await;
        assert_eq!((books.renewals, books.broken()), (12, 0));
    }

    #[tokio::test]
    async fn a_change_that_is_not_ours_is_left_to_a_person() {
        let rig = rig(quick()).await;
        let paid = rig.place_known("+8613800000102").await;
        assert_eq!(rig.step(paid.order).await.state, State::Unknown);
        run(&rig, "update simulator.lines set data_given_bytes = data_given_bytes + 7").await;
        rig.clock.advance(Duration::hours(1));
        for _ in 0..5 {
            assert_eq!(rig.step(paid.order).await.state, State::Unknown);
            rig.clock.advance(Duration::hours(1));
        }
        assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (0, 1), "never sent again");
    }

    #[tokio::test]
    async fn a_line_that_is_gone_when_it_is_to_be_topped_up_is_a_refusal() {
        let rig = rig(quick()).await;
        let paid = rig.place_known("+8613800000100").await;
        run(&rig, "delete from simulator.lines").await;
        let ended = rig.step(paid.order).await;
        assert_eq!((ended.state, ended.refusal.as_deref()), (State::FailedPermanent, Some("unknown_line")));
    }
}

#[tokio::test]
async fn a_quote_is_the_line_as_it_stands_and_what_it_takes() {
    let rig = rig(quick()).await;
    let line = line_of(&rig, "+8613800000100").await;
    let carrier = carrier_of(&rig);
    let quote = carrier.quote(&line, PRODUCT).await.unwrap();
    assert_eq!((quote.eligible, quote.price), (Ok(()), None));
    assert_eq!(quote.cost, Some(Money::new(3_675, Currency::Usd)));
    assert_eq!(carrier.quote(&line, "another").await.unwrap().eligible, Err(Refusal::UnknownProduct));
    run(&rig, "update simulator.lines set line_id = '25052822150009'").await;
    let known = LineRef { carrier_line_id: Some("25052822150009".to_owned()), ..line.clone() };
    assert_eq!(carrier.quote(&known, PRODUCT).await.unwrap().eligible, Ok(()));
    let other = LineRef { carrier_line_id: Some("25052822150010".to_owned()), ..line.clone() };
    assert_eq!(carrier.quote(&other, PRODUCT).await.unwrap().eligible, Err(Refusal::UnknownLine));
    run(&rig, "update simulator.lines set state = 'ended'").await;
    assert_eq!(carrier.quote(&line, PRODUCT).await.unwrap().eligible, Err(Refusal::NotRenewable));
    run(&rig, "update simulator.lines set state = 'active', valid_until = '2020-01-31', valid_from = '2020-01-01'")
        .await;
    assert_eq!(carrier.quote(&line, PRODUCT).await.unwrap().eligible, Err(Refusal::NotRenewable), "after its end");
    assert_eq!(carrier.offers(None).await.unwrap()[0].product, PRODUCT);
    run(&rig, "insert into simulator.wallets (carrier, minor, currency) values ('cucc', 1234, 'USD')").await;
    assert_eq!(carrier.credit().await, Ok(Some(Money::new(1_234, Currency::Usd))));
}

#[tokio::test]
async fn lines_are_suspended_and_resumed_however_often_that_is_asked() {
    let rig = rig(quick()).await;
    let line = line_of(&rig, "+8613800000100").await;
    let carrier = carrier_of(&rig);
    let control = carrier.control().unwrap();
    for _ in 0..2 {
        assert_eq!(control.change(&line, Change::Suspend).await, Ok(Ok(())));
        assert_eq!(carrier.usage(&line).await.unwrap().state, Some(LineState::Suspended));
        let suspended = Err(Refusal::Other("suspended".to_owned()));
        assert_eq!(carrier.quote(&line, PRODUCT).await.unwrap().eligible, suspended);
    }
    for _ in 0..2 {
        assert_eq!(control.change(&line, Change::Resume).await, Ok(Ok(())));
        assert_eq!(carrier.usage(&line).await.unwrap().state, Some(LineState::Active));
    }
    let nobody = LineRef { iccid: "8997212330099025334".to_owned(), ..line };
    assert_eq!(control.change(&nobody, Change::Suspend).await, Ok(Err(Refusal::UnknownLine)));
    assert!(!control.can().contains(&Change::Activate));
}

#[tokio::test]
async fn an_eleventh_top_up_is_refused() {
    let rig = rig(quick()).await;
    let order = rig.place_known("+8613800000100").await.order;
    let (request, carrier) = (rig.look(order).await.request, carrier_of(&rig));
    let mut answers = vec![];
    for number in 0..11 {
        let request =
            renewal_portal::carriers::RenewalRequest { request_id: format!("order:{number}:renew"), ..request.clone() };
        let baseline = carrier.baseline(&request.line).await.unwrap();
        let now = rig.clock.now();
        let submission = Submission { request: &request, reference: None, baseline: &baseline, sent_at: None, now };
        answers.push(carrier.submit(&submission).await.unwrap());
    }
    assert_eq!(answers.pop(), Some(Answer::Refused(Refusal::NotRenewable)));
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Done { valid_until: Some(_) })), "{answers:?}");
    let usage = carrier.usage(&request.line).await.unwrap();
    assert_eq!(usage.total.unwrap().data, Data::Bytes(10_000_000_000));
    assert_eq!(carrier.facts().max_top_ups, Some(10));
}

#[tokio::test]
async fn the_face_takes_nobodys_word() {
    let rig = rig(quick()).await;
    let address = face(&rig.simulator.url());
    let stranger = adapter(&address, "guessed", &rig.clock);
    assert_eq!(stranger.credit().await, Err(CarrierError::Misconfigured("code 101003".to_owned())));
    let ahead = Clock::starting_at(rig.clock.now() + Duration::minutes(6));
    let late = adapter(&address, SECRET_KEY, &ahead);
    assert_eq!(late.credit().await, Err(CarrierError::Misconfigured("code 101001".to_owned())));
    let bare = reqwest::Client::builder().no_proxy().build().unwrap().post(format!("{address}/balance/query"));
    let answer: Value = bare.body("{}").send().await.unwrap().json().await.unwrap();
    assert_eq!((&answer["success"], &answer["errorCode"]), (&json!(false), &json!("000101")));
}

/// A carrier that answers everything alike.
async fn says(status: u16, kind: &'static str, body: String) -> Machine {
    Machine::start(move |_, _| {
        let headers = [(header::CONTENT_TYPE, kind), (header::RETRY_AFTER, "90")];
        (StatusCode::from_u16(status).unwrap(), headers, body.clone()).into_response()
    })
    .await
}

async fn top_up(machine: &Machine) -> (Result<Answer, CarrierError>, Result<Option<Answer>, CarrierError>) {
    let request = serde_json::from_value(json!({
        "request_id": "order:1:renew", "product": PRODUCT, "effect": "stack", "term": "30 days",
        "allowance": { "data": "none", "minutes": null, "sms": null },
        "sold_for": { "minor": 4_900, "currency": "USD" }, "promised_until": "2026-12-31",
        "line": {
            "carrier": "cucc", "kind": "esim", "iccid": "8997212330099025334", "msisdn": null, "carrier_line_id": "1",
            "valid_from": "2026-11-01", "valid_until": "2026-11-30", "anchor_day": 1, "time_zone": "Asia/Shanghai",
        },
    }))
    .unwrap();
    let baseline = json!({ "line": { "line_id": "1", "volume": 1_000, "duration": 7, "begun": true } });
    let clock = Clock::real();
    let (carrier, now) = (adapter(&machine.url, SECRET_KEY, &clock), clock.now());
    let sent_at = Some(now - Duration::hours(1));
    let submission = Submission { request: &request, reference: None, baseline: &baseline, sent_at, now };
    (carrier.submit(&submission).await, carrier.find(&submission).await)
}

#[tokio::test]
async fn whatever_comes_back_broken_is_unknown() {
    let done = r#"{"success":true,"errorCode":"0","obj":{"transactionId":"order:1:renew"}}"#;
    for (what, status, kind, body) in [
        ("an error page", 200, "text/html", "<h1>Oops</h1>".to_owned()),
        ("another content type", 200, "text/plain", done.to_owned()),
        ("an unknown error with 200", 200, JSON, r#"{"success":false,"errorCode":"200999"}"#.to_owned()),
        ("a failure with 200", 200, JSON, r#"{"success":false,"errorCode":"900001","obj":null}"#.to_owned()),
        ("another's answer", 200, JSON, done.replace("order:1", "order:2")),
        ("half an answer", 200, JSON, done[..50].to_owned()),
        ("50 MB", 200, JSON, format!("{done}{}", " ".repeat(50 << 20))),
        ("fields missing", 200, JSON, r#"{"success":true}"#.to_owned()),
        ("a failure", 500, JSON, done.to_owned()),
        ("a gateway's failure", 502, "text/html", String::new()),
    ] {
        let (submitted, found) = top_up(&says(status, kind, body).await).await;
        assert!(matches!(submitted, Err(CarrierError::Unknown(_))), "{what}: {submitted:?}");
        assert!(found.is_err(), "{what} does not mean it was never seen: {found:?}");
    }
}

#[tokio::test]
async fn turned_away_is_not_unknown() {
    let (submitted, found) = top_up(&says(429, "text/html", "slow down".to_owned()).await).await;
    let busy = CarrierError::Busy(StdDuration::from_secs(90));
    assert_eq!((submitted, found), (Err(busy.clone()), Err(busy)));
    let (submitted, found) = top_up(&says(503, "text/html", String::new()).await).await;
    assert!(matches!(submitted, Err(CarrierError::Unavailable(_))) && found.is_err());
    let poor = r#"{"success":false,"errorCode":"200007","errorMsg":"insufficient balance","obj":null}"#;
    let (submitted, _) = top_up(&says(200, JSON, poor.to_owned()).await).await;
    assert_eq!(submitted, Err(CarrierError::NoCredit));
}
