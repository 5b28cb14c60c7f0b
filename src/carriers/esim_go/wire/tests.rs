use super::*;
use crate::carriers::esim_go::bundles::{Assignment, BundlesReply, new_one, usage};
use crate::carriers::{LineKind, LineRef, LineState, RenewalRequest, Submission};
use crate::money::Currency;
use crate::plans::effect::Effect;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::{date, datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

fn reply(status: u16, body: &str) -> Reply {
    Reply { status: StatusCode::from_u16(status).unwrap(), body: body.into() }
}

fn request() -> RenewalRequest {
    RenewalRequest {
        request_id: "order:1:renew".to_owned(),
        line: LineRef {
            carrier: "roamia".to_owned(),
            kind: LineKind::Esim,
            iccid: "8944538532008160222".to_owned(),
            msisdn: None,
            carrier_line_id: None,
            valid_from: date!(2026 - 11 - 01),
            valid_until: date!(2026 - 11 - 30),
            anchor_day: 1,
            time_zone: "Asia/Shanghai".to_owned(),
        },
        product: "esim_1GB_7D_GB_V2".to_owned(),
        effect: Effect::Queue,
        term: Term::Days(7),
        allowance: Allowance::default(),
        sold_for: Money::new(500, Currency::Usd),
        promised_until: date!(2026 - 12 - 07),
    }
}

fn bundles(state: &str) -> Vec<Assignment> {
    let end = if state == "queued" { Value::Null } else { json!("2026-12-06T16:00:00Z") };
    let entry = |id: &str, state: &str, end: &Value| {
        json!({ "id": id, "assignmentReference": format!("3a6e2e40-{id}-0"), "callTypeGroup": "data", "bundleState": state,
                "initialQuantity": 1_000_000_000, "remainingQuantity": 750_000_000, "unlimited": false, "endTime": end })
    };
    let answer = json!({ "bundles": [
        { "name": "esim_1GB_7D_GB_V2", "assignments": [
            entry("old", "expired", &json!("2026-11-20T00:00:00Z")), entry("new", state, &end)] },
        { "name": "esim_5GB_30D_GB_V2", "assignments": [entry("other", "active", &json!("2026-11-30T00:00:00Z"))] },
    ]});
    serde_json::from_value::<BundlesReply>(answer).unwrap().assignments().unwrap()
}

#[test]
fn an_order_is_taken_on_only_with_its_reference() {
    let taken =
        r#"{"total":4.5,"currency":"USD","status":"completed","orderReference":"3a6e2e40","runningBalance":95.5}"#;
    let reference = Some("3a6e2e40".to_owned());
    assert_eq!(submitted(&reply(200, taken)), Ok(Answer::Accepted { reference }));
    for (status, body) in [
        (200, r#"{"message":"Something went wrong"}"#),
        (200, r#"{"orderReference":"","status":"completed"}"#),
        (200, r#"{"orderReference":7}"#),
        (200, r#"{"orderRef"#),
        (200, ""),
        (302, ""),
        (404, "{}"),
        (500, "{}"),
    ] {
        let answer = submitted(&reply(status, body));
        assert!(matches!(answer, Err(CarrierError::Unknown(_))), "{status} {body}: {answer:?}");
    }
    for (status, body) in [(400, ""), (400, "<h1>"), (401, "{}"), (403, "{}")] {
        let answer = submitted(&reply(status, body));
        assert!(matches!(answer, Err(CarrierError::Misconfigured(_))), "{status} {body}: {answer:?}");
    }
}

#[test]
fn a_no_is_told_from_an_empty_wallet() {
    let refused = submitted(&reply(400, r#"{"message":"eSIM is deactivated"}"#));
    assert_eq!(refused, Ok(Answer::Refused(Refusal::Other("eSIM is deactivated".to_owned()))));
    let empty = submitted(&reply(400, r#"{"statusMessage":"Insufficient balance"}"#));
    assert_eq!(empty, Err(CarrierError::NoCredit));
    let long = format!(r#"{{"message":"{}"}}"#, "é".repeat(500));
    assert!(
        matches!(submitted(&reply(400, &long)), Ok(Answer::Refused(refusal)) if refusal.code().chars().count() == 60)
    );
}

#[test]
fn a_dry_run_names_the_cost() {
    let fine = quote(&reply(200, r#"{"valid":true,"total":4.5,"currency":"USD"}"#)).unwrap();
    assert_eq!((fine.eligible, fine.cost, fine.price), (Ok(()), Some(Money::new(450, Currency::Usd)), None));
    for (status, body) in
        [(200, r#"{"valid":false,"statusMessage":"Not compatible"}"#), (400, r#"{"message":"Not compatible"}"#)]
    {
        let no = quote(&reply(status, body)).unwrap();
        assert_eq!(no.eligible, Err(Refusal::Other("Not compatible".to_owned())));
    }
    assert!(quote(&reply(200, "{}")).is_err());
    assert!(quote(&reply(200, r#"{"total":"4.5","currency":"USD"}"#)).is_err());
}

#[test]
fn the_difference_is_the_new_bundle_of_this_product() {
    let (request, before) = (request(), json!(["old"]));
    let submission = Submission { request: &request, reference: None, baseline: &before, sent_at: Some(NOW), now: NOW };
    let found = bundles("active");
    assert_eq!(new_one(&found, &submission).unwrap().map(|it| it.id.as_str()), Some("new"));
    let all = json!(["old", "new"]);
    assert_eq!(new_one(&found, &Submission { baseline: &all, ..submission }), Ok(None));
    let named = Submission { baseline: &all, reference: Some("3a6e2e40-new"), ..submission };
    assert_eq!(new_one(&found, &named).unwrap().map(|it| it.id.as_str()), Some("new"));
    let other = Submission { reference: Some("3a6e2e40-n"), ..named };
    assert_eq!(new_one(&found, &other), Ok(None), "the beginning of a reference is not the reference");
    assert!(new_one(&found, &Submission { baseline: &Value::Null, ..submission }).is_err());
}

#[test]
fn a_bundles_state_is_the_answer() {
    let (request, before) = (request(), json!(["old"]));
    let order = Some("3a6e2e40-new");
    let submission =
        Submission { request: &request, reference: order, baseline: &before, sent_at: Some(NOW), now: NOW };
    let answer = |state: &str| {
        let found = bundles(state);
        new_one(&found, &submission).unwrap().unwrap().answer(&submission).unwrap()
    };
    let accepted = Answer::Accepted { reference: order.map(str::to_owned) };
    let until = Answer::Done { valid_until: Some(date!(2026 - 12 - 06)) };
    for (state, expected) in [
        ("processing", accepted.clone()),
        ("Teleported", accepted.clone()),
        ("queued", Answer::Done { valid_until: None }),
        ("active", until.clone()),
        ("depleted", until.clone()),
        ("expired", until.clone()),
        ("lapsed", until),
        ("revoked", Answer::Refused(Refusal::Other("revoked".to_owned()))),
    ] {
        assert_eq!(answer(state), expected, "{state}");
    }
    let lost = Submission { reference: None, ..submission };
    let found = bundles("active");
    assert_eq!(new_one(&found, &lost).unwrap().unwrap().answer(&lost), Ok(accepted), "its reference first");
}

#[test]
fn usage_is_what_the_bundles_hold() {
    let shown = usage(&bundles("active"), NOW, "Asia/Shanghai").unwrap();
    assert_eq!((shown.state, shown.valid_until), (Some(LineState::Active), Some(date!(2026 - 12 - 06))));
    assert_eq!(shown.left.map(|left| left.data), Some(Data::Bytes(1_500_000_000)), "what is over is not left");
    assert_eq!(usage(&bundles("queued"), NOW, "UTC").unwrap().valid_until, None);
    assert_eq!(usage(&[], NOW, "UTC").unwrap().state, None);
}

#[test]
fn a_catalogue_with_gaps_is_read() {
    let page = r#"{"bundles":[{"name":"esim_1GB"},{"name":"esim_2GB","description":"2 GB","dataAmount":2000,"duration":30,
        "unlimited":false,"price":4.5,"countries":[{"name":"United Kingdom","iso":"GB"},{"name":"?"}]}]}"#;
    let offers: Vec<_> = serde_json::from_str::<CatalogueReply>(page).unwrap().bundles;
    let offers: Vec<_> = offers.into_iter().map(|bundle| bundle.offer("USD").unwrap()).collect();
    assert_eq!((offers[0].cost, offers[0].term, offers[0].allowance.data), (None, None, Data::None));
    assert_eq!(offers[1].cost, Some(Money::new(450, Currency::Usd)));
    assert_eq!((offers[1].term, &offers[1].coverage), (Some(Term::Days(30)), &vec!["GB".to_owned()]));
    assert_eq!(offers[1].allowance.data, Data::Bytes(2_000_000_000));
}

#[test]
fn no_other_line_is_taken_in_its_place() {
    let body = serde_json::to_value(OrderBody::new("transaction", "8944538532008160222", "esim_1GB")).unwrap();
    assert_eq!(body["order"][0]["allowReassign"], json!(false));
}
