//! Airalo Partners, which does every order that arrives: none may be sent twice, whatever becomes of its answer.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use renewal_portal::calendar::add_days;
use renewal_portal::carriers::airalo::{Airalo, Settings};
use renewal_portal::carriers::{
    Answer, Carrier, CarrierError, Delivery, LineState, NoticeError, NoticeKind, Refusal, RenewalRequest, Submission,
};
use renewal_portal::clock::Clock;
use renewal_portal::money::{Currency, Money};
use renewal_portal::plans::effect::Data;
use renewal_portal::plans::term::Term;
use renewal_portal::provisioning::{PROVISIONED, State};
use renewal_portal::simulator::Config;
use renewal_portal::simulator::airalo::{CLIENT_ID, CLIENT_SECRET};
use serde_json::{Value, json};
use time::Duration;

use crate::support::PATIENCE;
use crate::support::carrier::{Rig, carrier_of, quick};
use crate::support::carrier_api::{Asked, Machine};
use crate::support::peers::ask;

const PRODUCT: &str = "cucc:test-30";

fn adapter(address: &str, clock: &Clock) -> Airalo {
    let settings = Settings {
        address: address.to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.into(),
        currency: Currency::Cny,
    };
    Airalo::new(&settings, PATIENCE, clock.clone()).unwrap()
}

fn face(url: &str) -> String {
    format!("{url}/cucc/airalo/v2")
}

async fn rig(config: Config) -> Rig {
    Rig::with(config, |url, clock| Arc::new(adapter(&face(url), clock))).await
}

mod endings {
    use super::*;

    #[tokio::test]
    async fn an_order_that_is_taken_is_done_at_once() {
        let rig = rig(quick()).await;
        for number in ["+8613800000100", "+8613800000120", "+8613800000555"] {
            let paid = rig.place_known(number).await;
            let done = rig.step(paid.order).await;
            assert_eq!((done.state, done.carrier_until), (State::Succeeded, None), "{number}");
            assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, 1), "{number}");
        }
        assert_eq!((rig.events(PROVISIONED).await, rig.books().await.broken()), (3, 0));
    }

    #[tokio::test]
    async fn what_was_done_without_a_word_is_found_and_never_done_again() {
        let rig = rig(quick()).await;
        for number in ["+8613800000101", "+8613800000105"] {
            let paid = rig.place_known(number).await;
            assert_eq!(rig.step(paid.order).await.state, State::Unknown, "{number}");
            assert_eq!(rig.finish(paid.order).await.state, State::Succeeded, "{number}");
            assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, 1), "{number}");
        }
        assert_eq!(rig.books().await.broken(), 0);
    }

    #[tokio::test]
    async fn what_was_lost_is_sent_again_once_it_would_be_listed() {
        let rig = rig(quick()).await;
        for number in ["+8613800000102", "+8613800000107"] {
            let paid = rig.place_known(number).await;
            assert_eq!(rig.step(paid.order).await.state, State::Unknown, "{number}");
            rig.clock.advance(Duration::seconds(90));
            assert_eq!(rig.step(paid.order).await.state, State::Unknown, "{number}");
            assert_eq!(rig.tries(paid.order).await, 1, "{number}: too early to send it again");
            assert_eq!(rig.finish(paid.order).await.state, State::Succeeded, "{number}");
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
    async fn fewer_days_show_when_the_line_is_looked_at() {
        let rig = rig(quick()).await;
        let paid = rig.place_known("+8613800000106").await;
        assert_eq!(rig.step(paid.order).await.state, State::Succeeded);
        let line = rig.look(paid.order).await.request.line;
        let usage = carrier_of(&rig).usage(&line).await.unwrap();
        assert_eq!(usage.valid_until, Some(add_days(paid.promised_until, -5).unwrap()));
        assert_eq!((usage.state, usage.left.unwrap().data), (Some(LineState::Active), Data::Bytes(1_000_000_000)));
    }

    #[tokio::test]
    async fn errors_before_and_after_the_effect_end_in_one_renewal_each() {
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
    async fn an_empty_wallet_does_nothing_and_waits() {
        let rig = rig(quick()).await;
        let paid = rig.place_known("+8613800000100").await;
        let wallet = "insert into simulator.wallets (carrier, minor, currency) values ('cucc', 100, 'CNY')";
        sqlx::query(wallet).execute(&rig.db.pool).await.unwrap();
        let queued = rig.step(paid.order).await;
        assert_eq!((queued.state, queued.submitted_at), (State::Queued, None));
        sqlx::query("update simulator.wallets set minor = 100000").execute(&rig.db.pool).await.unwrap();
        assert_eq!(rig.finish(paid.order).await.state, State::Succeeded);
        assert_eq!(rig.books().await.broken(), 0);
    }
}

#[tokio::test]
async fn a_quote_is_what_is_listed_for_the_line_now() {
    let rig = rig(quick()).await;
    let line = rig.place_known("+8613800000100").await.order;
    let line = rig.look(line).await.request.line;
    let carrier = carrier_of(&rig);
    let quote = carrier.quote(&line, PRODUCT).await.unwrap();
    assert_eq!((quote.eligible, quote.price), (Ok(()), None));
    assert_eq!(quote.cost, Some(Money::new(3_675, Currency::Cny)));
    assert_eq!(carrier.quote(&line, "another").await.unwrap().eligible, Err(Refusal::UnknownProduct));
    let nobody = renewal_portal::carriers::LineRef { iccid: "8997212330099025334".to_owned(), ..line.clone() };
    assert_eq!(carrier.quote(&nobody, PRODUCT).await.unwrap().eligible, Err(Refusal::UnknownLine));
    sqlx::query("update simulator.lines set state = 'suspended'").execute(&rig.db.pool).await.unwrap();
    assert_eq!(carrier.quote(&line, PRODUCT).await.unwrap().eligible, Err(Refusal::NotRenewable));
    for offers in [carrier.offers(None).await.unwrap(), {
        sqlx::query("update simulator.lines set state = 'active'").execute(&rig.db.pool).await.unwrap();
        carrier.offers(Some(&line)).await.unwrap()
    }] {
        assert_eq!(offers.len(), 1);
        assert_eq!((offers[0].product.as_str(), offers[0].term), (PRODUCT, Some(Term::Days(30))));
        assert_eq!(offers[0].allowance.data, Data::Bytes(1_000_000_000));
        assert_eq!(offers[0].cost, Some(Money::new(3_675, Currency::Cny)));
    }
    assert_eq!(carrier.credit().await, Ok(None));
}

mod tokens {
    use super::*;

    fn granted(text: &str) -> Response {
        let data = json!({ "token_type": "Bearer", "expires_in": 86_400, "access_token": text });
        axum::Json(json!({ "data": data, "meta": { "message": "success" } })).into_response()
    }

    fn nothing_listed() -> Response {
        axum::Json(json!({ "data": [] })).into_response()
    }

    fn let_in(asked: &Asked, token: &str) -> bool {
        asked.headers.get(header::AUTHORIZATION).is_some_and(|value| value == &format!("Bearer {token}"))
    }

    async fn quote(carrier: &Airalo) -> Result<Result<(), Refusal>, CarrierError> {
        let line = request("r").line;
        carrier.quote(&line, PRODUCT).await.map(|quote| quote.eligible)
    }

    #[tokio::test]
    async fn one_token_lasts_until_it_ends() {
        let machine = Machine::start(|asked, before| match asked.path.as_str() {
            "/v2/token" => granted(&format!("t{before}")),
            _ => nothing_listed(),
        })
        .await;
        let clock = Clock::real();
        let carrier = adapter(&format!("{}/v2", machine.url), &clock);
        let eight = futures_util::future::join_all((0..8).map(|_| quote(&carrier))).await;
        assert!(eight.iter().all(|quote| *quote == Ok(Err(Refusal::NotRenewable))), "{eight:?}");
        assert_eq!(machine.asked("/v2/token").len(), 1, "three may be had a minute");
        clock.advance(Duration::hours(24) - Duration::minutes(6));
        quote(&carrier).await.unwrap().unwrap_err();
        assert_eq!(machine.asked("/v2/token").len(), 1);
        clock.advance(Duration::minutes(2));
        quote(&carrier).await.unwrap().unwrap_err();
        assert_eq!(machine.asked("/v2/token").len(), 2, "before it ends");
        let topups = format!("/v2/sims/{}/topups", request("r").line.iccid);
        assert!(let_in(machine.asked(&topups).last().unwrap(), "t1"));
    }

    #[tokio::test]
    async fn a_token_that_ended_early_is_replaced_and_the_order_sent_once() {
        let machine = Machine::start(|asked, before| match asked.path.as_str() {
            "/v2/token" => granted(&format!("t{before}")),
            _ if let_in(asked, "t0") => StatusCode::UNAUTHORIZED.into_response(),
            _ => axum::Json(json!({ "data": { "type": "topup", "package_id": PRODUCT } })).into_response(),
        })
        .await;
        let carrier = adapter(&format!("{}/v2", machine.url), &Clock::real());
        assert_eq!(submit(&carrier).await, Ok(Answer::Done { valid_until: None }));
        let orders = machine.asked("/v2/orders/topups");
        assert_eq!(orders.iter().filter(|order| let_in(order, "t1")).count(), 1);
        assert_eq!((orders.len(), machine.asked("/v2/token").len()), (2, 2));
    }

    #[tokio::test]
    async fn who_gets_no_token_has_ordered_nothing() {
        for (answer, expected) in [
            ((StatusCode::INTERNAL_SERVER_ERROR, "{}"), "nothing"),
            ((StatusCode::OK, "{}"), "nothing"),
            ((StatusCode::OK, "<h1>Oops</h1>"), "nothing"),
            ((StatusCode::UNAUTHORIZED, r#"{"data":[]}"#), "set up"),
            ((StatusCode::UNPROCESSABLE_ENTITY, r#"{"data":{}}"#), "set up"),
        ] {
            let kind = if answer.1.starts_with('<') { "text/html" } else { "application/json" };
            let machine =
                Machine::start(move |_, _| (answer.0, [(header::CONTENT_TYPE, kind)], answer.1).into_response()).await;
            let carrier = adapter(&format!("{}/v2", machine.url), &Clock::real());
            let submitted = submit(&carrier).await;
            let fits = match expected {
                "nothing" => matches!(submitted, Err(CarrierError::Unavailable(_))),
                _ => matches!(submitted, Err(CarrierError::Misconfigured(_))),
            };
            assert!(fits, "{answer:?}: {submitted:?}");
            assert_eq!(machine.asked("/v2/orders/topups").len(), 0);
        }
    }

    #[tokio::test]
    async fn the_face_lets_nobody_in_with_another_secret() {
        let rig = rig(quick()).await;
        let settings = Settings {
            address: face(&rig.simulator.url()),
            client_id: CLIENT_ID.to_owned(),
            client_secret: "guessed".into(),
            currency: Currency::Usd,
        };
        let stranger = Airalo::new(&settings, PATIENCE, rig.clock.clone()).unwrap();
        assert!(matches!(submit(&stranger).await, Err(CarrierError::Misconfigured(_))));
    }

    #[tokio::test]
    async fn a_token_of_the_face_ends_after_a_day_and_orders_are_signed() {
        let rig = rig(quick()).await;
        let address = face(&rig.simulator.url());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let form = format!("client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}&grant_type=client_credentials");
        let asked = http.post(format!("{address}/token")).header("content-type", "application/x-www-form-urlencoded");
        let granted: Value = asked.body(form).send().await.unwrap().json().await.unwrap();
        let token = granted["data"]["access_token"].as_str().unwrap().to_owned();
        let order = http.post(format!("{address}/orders/topups")).bearer_auth(&token).body(r#"{"package_id":"x"}"#);
        let unsigned: Value = order.send().await.unwrap().json().await.unwrap();
        assert_eq!(unsigned["code"], 14, "a token alone orders nothing");
        let orders = async |token: &str| {
            http.get(format!("{address}/orders")).bearer_auth(token).send().await.unwrap().status().as_u16()
        };
        assert_eq!((orders(&token).await, orders(&token[1..]).await), (200, 401));
        rig.clock.advance(Duration::hours(24) + Duration::SECOND);
        assert_eq!(orders(&token).await, 401);
    }
}

fn request(id: &str) -> RenewalRequest {
    serde_json::from_value(json!({
        "request_id": id, "product": PRODUCT, "effect": "stack", "term": "30 days",
        "allowance": { "data": "none", "minutes": null, "sms": null },
        "sold_for": { "minor": 4_900, "currency": "CNY" }, "promised_until": "2026-12-31",
        "line": {
            "carrier": "cucc", "kind": "esim", "iccid": "8997212330099025334", "msisdn": null, "carrier_line_id": null,
            "valid_from": "2026-11-01", "valid_until": "2026-11-30", "anchor_day": 1, "time_zone": "Asia/Shanghai",
        },
    }))
    .unwrap()
}

async fn submit(carrier: &Airalo) -> Result<Answer, CarrierError> {
    let request = request("order:1:renew");
    let now = Clock::real().now();
    carrier.submit(&Submission { request: &request, reference: None, baseline: &Value::Null, sent_at: None, now }).await
}

/// A carrier that grants tokens and answers everything else alike.
async fn says(status: u16, kind: &'static str, more: &'static [(&'static str, &'static str)], body: String) -> Machine {
    Machine::start(move |asked, _| {
        if asked.path == "/v2/token" {
            let data = json!({ "token_type": "Bearer", "expires_in": 86_400, "access_token": "t" });
            return axum::Json(json!({ "data": data })).into_response();
        }
        let mut response = (StatusCode::from_u16(status).unwrap(), body.clone()).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
        for &(name, value) in more {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        response
    })
    .await
}

const JSON: &str = "application/json";
const DONE: &str = r#"{"data":{"type":"topup","package_id":"cucc:test-30","description":"order:1:renew"}}"#;

#[tokio::test]
async fn whatever_comes_back_broken_is_unknown() {
    let huge = format!("{DONE}{}", " ".repeat(50 << 20));
    for (what, status, kind, body) in [
        ("an error page", 200, "text/html", "<h1>Oops</h1>".to_owned()),
        ("another content type", 200, "text/plain", DONE.to_owned()),
        ("an error with 200", 200, JSON, r#"{"code":73,"reason":"recycled"}"#.to_owned()),
        ("half an answer", 200, JSON, DONE[..40].to_owned()),
        ("50 MB", 200, JSON, huge),
        ("fields missing", 200, JSON, r#"{"data":{"id":7}}"#.to_owned()),
        ("an unknown code", 422, JSON, r#"{"code":4711,"reason":"so"}"#.to_owned()),
        ("a surprise of its own", 422, JSON, r#"{"code":53,"reason":"so"}"#.to_owned()),
        ("a failure", 500, JSON, "{}".to_owned()),
        ("a gateway's failure", 502, "text/html", String::new()),
        ("nothing there", 404, JSON, r#"{"data":[]}"#.to_owned()),
    ] {
        let machine = says(status, kind, &[], body).await;
        let carrier = adapter(&format!("{}/v2", machine.url), &Clock::real());
        let submitted = submit(&carrier).await;
        assert!(matches!(submitted, Err(CarrierError::Unknown(_))), "{what}: {submitted:?}");
        let request = request("order:1:renew");
        let (now, baseline) = (Clock::real().now(), Value::Null);
        let sent_at = Some(now - Duration::hours(1));
        let submission = Submission { request: &request, reference: None, baseline: &baseline, sent_at, now };
        let found = carrier.find(&submission);
        assert!(found.await.is_err(), "{what} does not mean it was never seen");
        assert!(carrier.quote(&request.line, PRODUCT).await.is_err() || status == 404 || status == 422, "{what}");
    }
}

#[tokio::test]
async fn a_busy_carrier_says_when_it_may_be_asked_again() {
    let machine = says(429, "text/html", &[("retry-after", "90")], "Too Many Attempts".to_owned()).await;
    let carrier = adapter(&format!("{}/v2", machine.url), &Clock::real());
    assert_eq!(submit(&carrier).await, Err(CarrierError::Busy(StdDuration::from_secs(90))));
    let machine = says(503, "text/html", &[], "<h1>Later</h1>".to_owned()).await;
    let carrier = adapter(&format!("{}/v2", machine.url), &Clock::real());
    assert!(matches!(submit(&carrier).await, Err(CarrierError::Unavailable(_))));
}

#[tokio::test]
async fn an_empty_list_denies_an_order_only_after_a_while() {
    let machine = says(200, JSON, &[], r#"{"data":[],"meta":{"message":"success"}}"#.to_owned()).await;
    let carrier = adapter(&format!("{}/v2", machine.url), &Clock::real());
    let (request, now, baseline) = (request("order:1:renew"), Clock::real().now(), Value::Null);
    let after = |seconds: i64| {
        let sent_at = Some(now - Duration::seconds(seconds));
        Submission { request: &request, reference: None, baseline: &baseline, sent_at, now }
    };
    assert_eq!(carrier.find(&after(30)).await, Err(CarrierError::TooEarly(StdDuration::from_secs(90))));
    assert_eq!(carrier.find(&after(120)).await, Ok(None));
    let asked = machine.asked("/v2/orders");
    assert!(asked[0].path.contains("filter%5Bdescription%5D=order%3A1%3Arenew"), "{}", asked[0].path);
}

mod peers {
    use super::*;

    #[tokio::test]
    async fn the_official_client_works_with_our_face() {
        let rig = rig(quick()).await;
        let paid = rig.place_known("+8613800000100").await;
        let iccid = rig.look(paid.order).await.request.line.iccid;
        let mut question = json!({
            "task": "top_up", "address": format!("{}/", face(&rig.simulator.url())), "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET, "iccid": iccid, "package": PRODUCT, "description": "续费 by hand 1/2",
        });
        let answer: Value = ask("airalo.py", &question).await;
        assert_eq!(answer["top_ups"]["data"][0]["id"], PRODUCT, "{answer}");
        assert_eq!(answer["top_ups"]["data"][0]["net_price"], json!(36.75));
        let order = &answer["order"]["data"];
        assert_eq!((&order["type"], &order["quantity"]), (&json!("topup"), &json!("1")), "{answer}");
        assert_eq!((&order["description"], &order["validity"]), (&json!("续费 by hand 1/2"), &json!(30)));
        assert_eq!((&order["data"], &order["currency"]), (&json!("1 GB"), &json!("CNY")));
        let usage = &answer["usage"]["data"];
        assert_eq!((&usage["status"], &usage["remaining"]), (&json!("ACTIVE"), &json!(1_024)));
        assert_eq!(answer["packages"]["data"][0]["package_id"], PRODUCT);
        assert_eq!(rig.books().await.renewals, 1);

        question["client_secret"] = json!("guessed");
        let refused: Value = ask("airalo.py", &question).await;
        assert!(refused["error"].as_str().unwrap().contains("status code: 401"), "{refused}");
    }

    #[tokio::test]
    async fn our_orders_are_signed_as_the_official_client_signs() {
        let machine = says(200, JSON, &[], DONE.to_owned()).await;
        let carrier = adapter(&format!("{}/v2", machine.url), &Clock::real());
        submit(&carrier).await.unwrap();
        let order = machine.asked("/v2/orders/topups").remove(0);
        let body = String::from_utf8(order.body.to_vec()).unwrap();
        let signature = order.headers["airalo-signature"].to_str().unwrap();
        let check =
            |body: &str| json!({ "task": "check", "secret": CLIENT_SECRET, "body": body, "signature": signature });
        assert!(ask::<bool>("airalo.py", &check(&body)).await, "{body}");
        assert!(!ask::<bool>("airalo.py", &check(&body.replace("order:1", "order:2"))).await);
        let sent: Value = serde_json::from_str(&body).unwrap();
        let expected = json!({ "package_id": PRODUCT, "iccid": "8997212330099025334", "description": "order:1:renew" });
        assert_eq!(sent, expected);
    }

    #[tokio::test]
    async fn notices_signed_elsewhere_are_believed_and_altered_ones_are_not() {
        let carrier = adapter("http://127.0.0.1:1/v2", &Clock::real());
        let notices = carrier.notices().unwrap();
        let body =
            r#"{"level":"90%","package_name":"中国 30 天","remaining_percentage":10,"iccid":"8997212330099025334"}"#;
        let sign = |secret: &str| json!({ "task": "sign", "secret": secret, "body": body });
        let signature: String = ask("airalo.py", &sign(CLIENT_SECRET)).await;
        let foreign: String = ask("airalo.py", &sign("guessed")).await;
        let read = |signature: &str, body: &str| {
            let headers = HeaderMap::from_iter([("airalo-signature".parse().unwrap(), signature.parse().unwrap())]);
            notices.read(&Delivery { headers: &headers, body: body.as_bytes(), peer: [203, 0, 113, 7].into() })
        };
        let notice = read(&signature, body).unwrap();
        assert_eq!((notice.kind, notice.iccid.as_deref()), (NoticeKind::LowData, Some("8997212330099025334")));
        for (signature, body) in
            [(foreign.as_str(), body), (&signature, &body.replace("90%", "75%")), (&signature[2..], body), ("", body)]
        {
            assert!(matches!(read(signature, body), Err(NoticeError::NotGenuine(_))), "{signature} {body}");
        }
    }
}
