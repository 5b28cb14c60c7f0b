//! DT One: in two steps or in one, under our own id, and what lapsed is made anew.

use std::sync::Arc;

use renewal_portal::carriers::dt_one::{DtOne, Settings};
use renewal_portal::carriers::{Answer, Carrier, CarrierError, Refusal, RenewalRequest, Submission};
use renewal_portal::clock::Clock;
use renewal_portal::ids::OrderId;
use renewal_portal::money::{Currency, Money};
use renewal_portal::provisioning::State;
use renewal_portal::simulator::ledger::Counts;
use renewal_portal::simulator::{Config, dt_one};
use serde_json::Value;

use crate::carrier_http::{JSON, http, server_that_says};
use crate::support::PATIENCE;
use crate::support::carrier::{Rig, quick};
use crate::support::paid_order::PaidOrder;

const PRODUCT: &str = "3001";

pub fn adapter(url: &str, clock: &Clock, secret: &str) -> DtOne {
    let settings = Settings {
        address: url.to_owned(),
        api_key: dt_one::API_KEY.into(),
        api_secret: secret.into(),
        callback_url: None,
        callback_from: vec![],
    };
    DtOne::new(&settings, PATIENCE, clock.clone()).unwrap()
}

pub fn reach(url: &str, clock: &Clock) -> Arc<dyn Carrier> {
    Arc::new(adapter(&format!("{url}/cucc/dt-one/v1"), clock, dt_one::API_SECRET))
}

/// Products have numbers here.
async fn rig(config: Config) -> Rig {
    let rig = Rig::with(config, reach).await;
    rig.sells_by_number().await;
    rig
}

impl Rig {
    async fn sql(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.db.pool).await.unwrap();
    }

    fn dt_one(&self) -> Arc<dyn Carrier> {
        self.carriers.get("cucc").unwrap().carrier.clone()
    }

    /// Held by the carrier before it was paid, as the till does it.
    async fn place_held(&self, number: &str) -> (PaidOrder, String) {
        let paid = self.place_known(number).await;
        let request = self.look(paid.order).await.request;
        let held = self.dt_one().reservations().unwrap().reserve(&request).await.unwrap().unwrap();
        sqlx::query("update provisionings set carrier_reference = $2 where order_id = $1")
            .bind(paid.order)
            .bind(&held)
            .execute(&self.db.pool)
            .await
            .unwrap();
        (paid, held)
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.db.pool).await.unwrap()
    }

    async fn is_one(&self, order: OrderId) {
        assert_eq!((self.renewals(order).await, self.books().await), (1, Counts { renewals: 1, ..Default::default() }));
    }
}

const TRANSACTIONS: &str = "select count(*) from simulator.dt_one_transactions";

fn submission<'a>(request: &'a RenewalRequest, reference: Option<&'a str>, clock: &Clock) -> Submission<'a> {
    Submission { request, reference, baseline: &Value::Null, sent_at: None, now: clock.now() }
}

#[tokio::test]
async fn what_is_held_is_confirmed_once() {
    let rig = rig(quick()).await;
    let (paid, held) = rig.place_held("+8613800000100").await;
    assert_eq!(rig.renewals(paid.order).await, 0, "held is not done");
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_reference.as_deref()), (State::Succeeded, Some(held.as_str())));
    rig.is_one(paid.order).await;
    assert_eq!(rig.count(TRANSACTIONS).await, 1);
    let again = rig.dt_one().submit(&submission(&done.request, Some(&held), &rig.clock)).await;
    assert_eq!(again, Ok(Answer::Done { valid_until: None }), "confirmed twice is done once");
    rig.is_one(paid.order).await;
}

#[tokio::test]
async fn every_way_it_answers_ends_in_one_renewal() {
    let rig = rig(quick()).await;
    let mut renewed = 0;
    for ending in ["100", "101", "102", "104", "105", "106", "107", "120", "555"] {
        for held in [false, true] {
            let number = format!("+86138000{}0{ending}", if held { "1" } else { "0" });
            let paid = if held { rig.place_held(&number).await.0 } else { rig.place_known(&number).await };
            let done = rig.finish(paid.order).await;
            assert_eq!((done.state, rig.renewals(paid.order).await), (State::Succeeded, 1), "{number}");
            renewed += 1;
        }
    }
    assert_eq!(rig.books().await, Counts { renewals: renewed, ..Default::default() });
}

#[tokio::test]
async fn a_refusal_is_final() {
    let rig = rig(quick()).await;
    for held in [false, true] {
        let number = if held { "+8613800010103" } else { "+8613800000103" };
        let paid = if held { rig.place_held(number).await.0 } else { rig.place_known(number).await };
        let refused = rig.finish(paid.order).await;
        assert_eq!((refused.state, refused.refusal.as_deref()), (State::FailedPermanent, Some("not_renewable")));
    }
    assert_eq!(rig.books().await, Counts::default());
}

#[tokio::test]
async fn errors_before_and_after_the_effect_end_in_one_renewal_each() {
    let rig = rig(Config { broken_before: 25, broken_after: 25, ..quick() }).await;
    for number in 0..12 {
        let number = format!("+8613800{number:02}5100");
        let paid =
            if number.contains("0051") { rig.place_held(&number).await.0 } else { rig.place_known(&number).await };
        let done = rig.finish(paid.order).await;
        assert_eq!((done.state, rig.renewals(paid.order).await), (State::Succeeded, 1));
    }
    assert_eq!(rig.books().await, Counts { renewals: 12, ..Default::default() });
}

#[tokio::test]
async fn what_lapsed_or_was_cancelled_is_made_anew() {
    let rig = rig(quick()).await;
    for (number, end) in [
        ("+8613800000100", "update simulator.dt_one_transactions set expires_at = created_at"),
        (
            "+8613800010100",
            "update simulator.dt_one_transactions set cancelled_at = now() where external_id not like '%:2'",
        ),
        (
            "+8613800020102",
            "update simulator.dt_one_transactions set expires_at = created_at where external_id not like '%:2'",
        ),
    ] {
        let (paid, _) = rig.place_held(number).await;
        rig.sql(end).await;
        let done = rig.finish(paid.order).await;
        assert_eq!((done.state, rig.renewals(paid.order).await), (State::Succeeded, 1), "{number}");
    }
    assert_eq!(rig.books().await, Counts { renewals: 3, ..Default::default() });
    assert_eq!(rig.count(TRANSACTIONS).await, 6);
}

#[tokio::test]
async fn a_reservation_is_made_once_and_let_go_however_often() {
    let rig = rig(quick()).await;
    let paid = rig.place_known("+8613800000100").await;
    rig.sql("insert into simulator.wallets values ('cucc', 4000, 'CNY')").await;
    let (carrier, request) = (rig.dt_one(), rig.look(paid.order).await.request);
    let reservations = carrier.reservations().unwrap();
    let first = reservations.reserve(&request).await;
    assert_eq!(reservations.reserve(&request).await, first);
    assert_eq!(rig.count(TRANSACTIONS).await, 1);
    assert_eq!(carrier.credit().await, Ok(Some(Money::new(325, Currency::Cny))), "what is held is not left");
    let other = RenewalRequest { request_id: "order:other:renew".to_owned(), ..request.clone() };
    assert_eq!(reservations.reserve(&other).await, Err(CarrierError::NoCredit));
    assert_eq!(reservations.release("order:other:renew", None).await, Ok(()), "what never was is let go");
    for _ in 0..2 {
        assert_eq!(reservations.release(&request.request_id, None).await, Ok(()));
        assert_eq!(reservations.release(&request.request_id, Some(&first.clone().unwrap().unwrap())).await, Ok(()));
    }
    assert_eq!(carrier.credit().await, Ok(Some(Money::new(4_000, Currency::Cny))));
    let unsold = RenewalRequest { product: "4711".to_owned(), request_id: "a".to_owned(), ..request.clone() };
    assert_eq!(reservations.reserve(&unsold).await, Ok(Err(Refusal::UnknownProduct)));
    let unnumbered = RenewalRequest { product: "esim_1GB".to_owned(), ..unsold.clone() };
    assert_eq!(reservations.reserve(&unnumbered).await, Ok(Err(Refusal::UnknownProduct)));
    let mut stranger = RenewalRequest { product: PRODUCT.to_owned(), ..unsold };
    stranger.line.msisdn = Some("+4915112345678".to_owned());
    assert_eq!(reservations.reserve(&stranger).await, Ok(Err(Refusal::UnknownLine)));
}

#[tokio::test]
async fn a_refused_reservation_is_told() {
    let rig = rig(quick()).await;
    let paid = rig.place_known("+8613800000100").await;
    let request = rig.look(paid.order).await.request;
    let id = &request.request_id;
    let refused = format!(r#"{{"id":7,"external_id":"{id}","status":{{"message":"REJECTED","class":{{"id":9}}}}}}"#);
    let carrier = adapter(&server_that_says(http("201 Created", JSON, &refused)).await, &rig.clock, "secret");
    let held = carrier.reservations().unwrap().reserve(&request).await;
    assert!(matches!(held, Ok(Err(_))), "{held:?}");
}

#[tokio::test]
async fn what_was_confirmed_is_not_let_go() {
    let rig = rig(quick()).await;
    let (paid, held) = rig.place_held("+8613800000100").await;
    let done = rig.finish(paid.order).await;
    let carrier = rig.dt_one();
    let release = carrier.reservations().unwrap().release(&done.request.request_id, Some(&held)).await;
    assert!(matches!(release, Err(CarrierError::Unknown(_))), "{release:?}");
}

#[tokio::test]
async fn quotes_offers_and_keys() {
    let rig = rig(quick()).await;
    let paid = rig.place_known("+8613800000100").await;
    let (carrier, line) = (rig.dt_one(), rig.look(paid.order).await.request.line);
    let quote = carrier.quote(&line, PRODUCT).await.unwrap();
    assert_eq!((quote.eligible, quote.cost), (Ok(()), Some(Money::new(3_675, Currency::Cny))));
    assert_eq!(carrier.quote(&line, "4711").await.unwrap().eligible, Err(Refusal::UnknownProduct));
    let offers = carrier.offers(None).await.unwrap();
    assert_eq!((offers.len(), offers[0].product.as_str()), (1, PRODUCT));
    assert_eq!(carrier.credit().await, Ok(None));
    let stranger = adapter(&format!("{}/cucc/dt-one/v1", rig.simulator.url()), &rig.clock, "another secret");
    assert!(matches!(stranger.quote(&line, PRODUCT).await, Err(CarrierError::Misconfigured(_))));
}

#[tokio::test]
async fn what_comes_back_broken_is_neither_done_nor_undone() {
    let rig = rig(quick()).await;
    let paid = rig.place_known("+8613800000100").await;
    let request = rig.look(paid.order).await.request;
    let another = r#"{"id":7,"external_id":"another","status":{"message":"COMPLETED","class":{"id":7}}}"#;
    let list = server_that_says(http("200 OK", JSON, &format!("[{another}]"))).await;
    let found = adapter(&list, &rig.clock, "secret").find(&submission(&request, None, &rig.clock)).await;
    assert_eq!(found, Ok(None), "another's, found in place of ours");
    let endless = format!("HTTP/1.1 200 OK\r\ncontent-type: {JSON}\r\n\r\n[{}", " ".repeat(600_000));
    for (what, bytes) in [
        ("an error with 200", http("200 OK", JSON, r#"{"errors":[{"code":1009001}]}"#)),
        ("half an answer", http("200 OK", JSON, another)[..90].to_vec()),
        ("another's answer", http("200 OK", JSON, another)),
        ("a page", http("200 OK", "text/html", "<h1>Oops</h1>")),
        ("somebody else's 404", http("404 Not Found", "text/html", "<h1>nginx</h1>")),
        ("a body without end", endless.into_bytes()),
        ("a failure", http("500 Oh", JSON, r#"{"errors":[{"code":1009001}]}"#)),
        ("a state that is a word", http("200 OK", JSON, r#"[{"id":7,"external_id":"x","status":"COMPLETED"}]"#)),
    ] {
        let carrier = adapter(&server_that_says(bytes).await, &rig.clock, "secret");
        for reference in [None, Some("7")] {
            let submission = submission(&request, reference, &rig.clock);
            let found = carrier.find(&submission).await;
            assert!(matches!(found, Err(CarrierError::Unknown(_))), "{what}: {found:?}");
            if !(what == "another's answer" && reference.is_some()) {
                let submitted = carrier.submit(&submission).await;
                assert!(matches!(submitted, Err(CarrierError::Unknown(_))), "{what}: {submitted:?}");
            }
        }
    }
}
