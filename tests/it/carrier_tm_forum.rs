//! TM Forum's product orders and top-ups, which a carrier does as often as they reach it.

use std::sync::Arc;

use renewal_portal::calendar::add_days;
use renewal_portal::carriers::tm_forum::{Apis, KnownBy, RenewBy, Settings, TmForum};
use renewal_portal::carriers::{Answer, Carrier, CarrierError, LineState, Refusal, Submission};
use renewal_portal::clock::Clock;
use renewal_portal::money::{Currency, Money};
use renewal_portal::plans::allowance::Allowance;
use renewal_portal::plans::term::Term;
use renewal_portal::provisioning::{PROVISIONING_REFUSED, Provisioning, State};
use renewal_portal::simulator::{Config, ledger, tm_forum};
use renewal_portal::units::Data;
use serde_json::Value;
use time::Duration;

use crate::carrier_http::{JSON, http, server_that_says};
use crate::support::PATIENCE;
use crate::support::carrier::{Rig, quick};

pub const PRODUCT: &str = "cucc:test-30";
const BOTH: [RenewBy; 2] = [RenewBy::ProductOrder, RenewBy::TopUp];

pub fn settings(address: &str, renew_by: RenewBy) -> Settings {
    Settings {
        address: address.to_owned(),
        apis: Apis::default(),
        renew_by,
        token: Some(tm_forum::TOKEN.into()),
        oauth: None,
        account: None,
        buckets: false,
        known_by: KnownBy::Iccid,
        data_characteristic: "data".to_owned(),
    }
}

pub fn reach(settings: &Settings, clock: &Clock) -> Arc<dyn Carrier> {
    Arc::new(TmForum::new(settings, PATIENCE, clock.clone()).unwrap())
}

async fn rig_with(config: Config, renew_by: RenewBy) -> Rig {
    Rig::with(config, |url, clock| reach(&settings(&format!("{url}/cucc/tmf-api"), renew_by), clock)).await
}

async fn rig(renew_by: RenewBy) -> Rig {
    rig_with(quick(), renew_by).await
}

fn carrier(rig: &Rig) -> Arc<dyn Carrier> {
    rig.carriers.get("cucc").unwrap().carrier.clone()
}

async fn run(rig: &Rig, sql: &'static str) {
    sqlx::query(sql).execute(&rig.db.pool).await.unwrap();
}

fn sent(provisioning: &Provisioning) -> Submission<'_> {
    Submission {
        request: &provisioning.request,
        reference: provisioning.carrier_reference.as_deref(),
        baseline: &Value::Null,
        sent_at: provisioning.submitted_at,
        now: provisioning.created_at + Duration::hours(1),
    }
}

#[tokio::test]
async fn it_is_taken_on_asked_after_and_done() {
    for renew_by in BOTH {
        let rig = rig(renew_by).await;
        let paid = rig.place_known("+8613800000120").await;
        let taken = rig.step(paid.order).await;
        assert_eq!((taken.state, taken.carrier_reference.as_deref()), (State::Submitted, Some("1")), "{renew_by:?}");
        rig.clock.advance(Duration::seconds(12));
        assert_eq!(rig.step(paid.order).await.state, State::Submitted);
        let done = rig.finish(paid.order).await;
        assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)), "{renew_by:?}");
        assert_eq!(rig.books().await, ledger::Counts { renewals: 1, ..Default::default() });
    }
}

#[tokio::test]
async fn every_way_a_carrier_answers_ends_in_one_renewal() {
    for renew_by in BOTH {
        let rig = rig(renew_by).await;
        for (ending, tries, short) in
            [("100", 1, 0), ("101", 1, 0), ("102", 2, 0), ("104", 4, 0), ("105", 1, 0), ("106", 1, 5), ("107", 2, 0)]
        {
            let paid = rig.place_known(&format!("+8613800000{ending}")).await;
            let done = rig.finish(paid.order).await;
            let until = add_days(paid.promised_until, -short).unwrap();
            assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(until)), "{renew_by:?} {ending}");
            assert_eq!(
                (rig.renewals(paid.order).await, rig.tries(paid.order).await),
                (1, tries),
                "{renew_by:?} {ending}"
            );
        }
        assert_eq!(rig.books().await, ledger::Counts { renewals: 7, ..Default::default() });
    }
}

#[tokio::test]
async fn a_refusal_is_final() {
    for (renew_by, code) in [(RenewBy::ProductOrder, "rejected"), (RenewBy::TopUp, "failed")] {
        let rig = rig(renew_by).await;
        let paid = rig.place_known("+8613800000103").await;
        let refused = rig.step(paid.order).await;
        assert_eq!((refused.state, refused.refusal.as_deref()), (State::FailedPermanent, Some(code)));
        assert_eq!((rig.renewals(paid.order).await, rig.events(PROVISIONING_REFUSED).await), (0, 1));
    }
}

#[tokio::test]
async fn what_is_not_in_the_lists_is_not_sent_again_at_once() {
    for renew_by in BOTH {
        let rig = rig(renew_by).await;
        let paid = rig.place_known("+8613800000102").await;
        assert_eq!(rig.step(paid.order).await.state, State::Unknown);
        rig.clock.advance(Duration::seconds(20));
        let early = rig.step(paid.order).await;
        assert_eq!((early.state, rig.tries(paid.order).await), (State::Unknown, 1), "{renew_by:?}");
        let found = carrier(&rig).find(&Submission { now: early.submitted_at.unwrap(), ..sent(&early) }).await;
        assert!(matches!(found, Err(CarrierError::TooEarly(_))), "{found:?}");
        assert_eq!(carrier(&rig).find(&sent(&early)).await, Ok(None));
    }
}

#[tokio::test]
async fn sent_twice_is_done_twice_so_the_one_that_counts_is_found() {
    for renew_by in BOTH {
        let rig = rig(renew_by).await;
        let paid = rig.place_known("+8613800000100").await;
        let done = rig.finish(paid.order).await;
        let again = carrier(&rig).submit(&sent(&done)).await;
        assert!(matches!(again, Ok(Answer::Accepted { reference: Some(_) })), "{again:?}");
        assert_eq!(rig.books().await.doubled, 1);
        let by_name = carrier(&rig).find(&Submission { reference: None, ..sent(&done) }).await.unwrap();
        assert!(matches!(by_name, Some(Answer::Done { .. })), "{by_name:?}");
        let gone = carrier(&rig).find(&Submission { reference: Some("999"), ..sent(&done) }).await;
        assert!(matches!(gone, Err(CarrierError::Unknown(_))), "what it took does not become unsent: {gone:?}");
    }
}

#[tokio::test]
async fn errors_before_and_after_the_effect_end_in_one_renewal_each() {
    for renew_by in BOTH {
        let rig = rig_with(Config { broken_before: 15, broken_after: 15, ..quick() }, renew_by).await;
        for number in 0..20 {
            let paid = rig.place_known(&format!("+8613800{number:02}5100")).await;
            let done = rig.finish(paid.order).await;
            assert_eq!((done.state, rig.renewals(paid.order).await), (State::Succeeded, 1), "{renew_by:?} {number}");
        }
        assert_eq!(rig.books().await, ledger::Counts { renewals: 20, ..Default::default() });
    }
}

#[tokio::test]
async fn before_money_the_product_its_state_and_the_offer_are_looked_at() {
    let rig = rig(RenewBy::ProductOrder).await;
    let paid = rig.place_known("+8613800000100").await;
    let (carrier, line) = (carrier(&rig), rig.look(paid.order).await.request.line);
    let quote = carrier.quote(&line, PRODUCT).await.unwrap();
    assert_eq!((quote.eligible, quote.cost), (Ok(()), Some(Money::new(3_675, Currency::Cny))));
    assert_eq!(carrier.quote(&line, "cucc:gone").await.unwrap().eligible, Err(Refusal::UnknownProduct));
    for (sql, eligible) in [
        ("update simulator.lines set state = 'suspended'", Err(Refusal::NotRenewable)),
        ("update simulator.lines set state = 'ended'", Err(Refusal::NotRenewable)),
        ("update simulator.lines set state = 'new'", Ok(())),
        ("delete from simulator.lines", Err(Refusal::UnknownLine)),
    ] {
        run(&rig, sql).await;
        assert_eq!(carrier.quote(&line, PRODUCT).await.unwrap().eligible, eligible, "{sql}");
    }
    assert_eq!(carrier.credit().await, Ok(None));
}

#[tokio::test]
async fn before_money_the_bucket_is_looked_at() {
    let rig = rig(RenewBy::TopUp).await;
    let paid = rig.place_known("+8613800000100").await;
    let (carrier, line) = (carrier(&rig), rig.look(paid.order).await.request.line);
    assert_eq!(carrier.quote(&line, PRODUCT).await.unwrap().eligible, Ok(()));
    run(&rig, "update simulator.lines set state = 'suspended'").await;
    assert_eq!(carrier.quote(&line, PRODUCT).await.unwrap().eligible, Err(Refusal::NotRenewable));
    run(&rig, "delete from simulator.lines").await;
    assert_eq!(carrier.quote(&line, PRODUCT).await.unwrap().eligible, Err(Refusal::UnknownLine));
}

#[tokio::test]
async fn what_is_no_amount_of_data_is_not_topped_up() {
    let rig = rig(RenewBy::TopUp).await;
    let paid = rig.place_known("+8613800000100").await;
    let mut placed = rig.look(paid.order).await;
    placed.request.allowance = Allowance { data: Data::Unlimited, ..Allowance::default() };
    assert_eq!(carrier(&rig).submit(&sent(&placed)).await, Ok(Answer::Refused(Refusal::UnknownProduct)));
    assert_eq!(rig.renewals(paid.order).await, 0);
}

#[tokio::test]
async fn offers_and_usage_are_read() {
    let rig = Rig::with(quick(), |url, clock| {
        let plain = settings(&format!("{url}/cucc/tmf-api"), RenewBy::ProductOrder);
        reach(&Settings { buckets: true, ..plain }, clock)
    })
    .await;
    let paid = rig.place_known("+8613800000100").await;
    let offers = carrier(&rig).offers(None).await.unwrap();
    assert_eq!((offers.len(), offers[0].product.as_str(), offers[0].term), (1, PRODUCT, Some(Term::Days(30))));
    assert_eq!(offers[0].cost, Some(Money::new(3_675, Currency::Cny)));
    assert_eq!(offers[0].allowance.data, Data::Bytes(1_000_000_000));
    let done = rig.finish(paid.order).await;
    let usage = carrier(&rig).usage(&done.request.line).await.unwrap();
    assert_eq!((usage.state, usage.valid_until), (Some(LineState::Active), Some(paid.promised_until)));
    assert_eq!(usage.left.map(|left| left.data), Some(Data::Bytes(1_000_000_000)));
    run(&rig, "update simulator.lines set data_left_bytes = 0").await;
    assert_eq!(carrier(&rig).usage(&done.request.line).await.unwrap().state, Some(LineState::Depleted));
}

#[tokio::test]
async fn a_wrong_token_opens_nothing_and_loses_nothing() {
    let rig = Rig::with(quick(), |url, clock| {
        let plain = settings(&format!("{url}/cucc/tmf-api"), RenewBy::ProductOrder);
        reach(&Settings { token: Some("wrong".into()), ..plain }, clock)
    })
    .await;
    let paid = rig.place_known("+8613800000100").await;
    let waiting = rig.step(paid.order).await;
    assert_eq!((waiting.state, waiting.submitted_at), (State::Queued, None));
    let quote = carrier(&rig).quote(&waiting.request.line, PRODUCT).await;
    assert!(matches!(quote, Err(CarrierError::Misconfigured(_))), "{quote:?}");
}

#[tokio::test]
async fn bad_answers_are_mapped_and_end_nothing() {
    let rig = rig(RenewBy::ProductOrder).await;
    let paid = rig.place_known("+8613800000100").await;
    let placed = rig.look(paid.order).await;
    let order = r#"{"id":"7","externalId":"someone-elses","state":"completed"}"#;
    for (what, bytes) in [
        ("HTML", http("200 OK", "text/html", "<h1>Oops</h1>")),
        ("another's order", http("201 Created", JSON, order)),
        ("an error with 200", http("200 OK", JSON, r#"{"id":7,"code":"1","reason":"oh"}"#)),
        ("half an answer", http("201 Created", JSON, order)[..110].to_vec()),
        ("the wrong kind", http("201 Created", "text/plain", order)),
        ("50 MB", http("201 Created", JSON, &format!("{order}{}", " ".repeat(50_000_000)))),
        ("a failure", http("500 Oh", JSON, "{}")),
        ("nothing", Vec::new()),
    ] {
        for renew_by in BOTH {
            let adapter = reach(&settings(&server_that_says(bytes.clone()).await, renew_by), &rig.clock);
            let found = adapter.find(&sent(&placed)).await;
            assert!(matches!(found, Err(CarrierError::Unknown(_))), "{what}, {renew_by:?}: {found:?}");
            assert!(adapter.quote(&placed.request.line, PRODUCT).await.is_err(), "{what}");
            assert!(adapter.usage(&placed.request.line).await.is_err(), "{what}");
        }
        let by_order = reach(&settings(&server_that_says(bytes).await, RenewBy::ProductOrder), &rig.clock);
        let submitted = by_order.submit(&sent(&placed)).await;
        assert!(matches!(submitted, Err(CarrierError::Unknown(_))), "{what}: {submitted:?}");
    }
    let busy = "HTTP/1.1 429 Slow\r\nretry-after: 77\r\ncontent-length: 0\r\n\r\n".as_bytes().to_vec();
    let adapter = reach(&settings(&server_that_says(busy).await, RenewBy::ProductOrder), &rig.clock);
    let turned_away = Err(CarrierError::Busy(std::time::Duration::from_secs(77)));
    assert_eq!(adapter.submit(&sent(&placed)).await, turned_away);
    assert_eq!(adapter.find(&sent(&placed)).await.map(|_| ()), turned_away.map(|_| ()));
}

#[tokio::test]
async fn an_unknown_state_is_under_way_and_a_list_that_never_changes_proves_little() {
    let rig = rig(RenewBy::ProductOrder).await;
    let paid = rig.place_known("+8613800000100").await;
    let placed = rig.look(paid.order).await;
    let order = format!(r#"{{"id":"7","externalId":"{}","state":"dreaming"}}"#, placed.request.request_id);
    let adapter = reach(
        &settings(&server_that_says(http("200 OK", JSON, &format!("[{order}]"))).await, RenewBy::ProductOrder),
        &rig.clock,
    );
    let under_way = Answer::Accepted { reference: Some("7".to_owned()) };
    assert_eq!(adapter.find(&sent(&placed)).await, Ok(Some(under_way)));
    let others: Vec<String> = (0..100).map(|n| format!(r#"{{"id":"{n}","externalId":"x{n}"}}"#)).collect();
    let full = http("200 OK", JSON, &format!("[{}]", others.join(",")));
    let adapter = reach(&settings(&server_that_says(full).await, RenewBy::ProductOrder), &rig.clock);
    let found = adapter.find(&sent(&placed)).await;
    assert!(matches!(found, Err(CarrierError::Unknown(_))), "a full page again and again: {found:?}");
    let few = http("200 OK", JSON, r#"[{"id":"1","externalId":"x"}]"#);
    let adapter = reach(&settings(&server_that_says(few).await, RenewBy::ProductOrder), &rig.clock);
    assert_eq!(adapter.find(&sent(&placed)).await, Ok(None), "all there is, and ours is not in it");
}
