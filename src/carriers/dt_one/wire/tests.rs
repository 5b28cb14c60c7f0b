use super::*;
use crate::money::Currency;
use crate::plans::term::Term;
use crate::units::Data;

fn reply(status: u16, body: &str) -> Reply {
    Reply { status: StatusCode::from_u16(status).unwrap(), body: body.into() }
}

fn transaction(class: u16, message: &str) -> Transaction {
    let body = format!(
        r#"{{"id":2237512891,"external_id":"order:1:renew","creation_date":"2026-11-22T12:00:00.000000000Z",
            "status":{{"id":70000,"message":"{message}","class":{{"id":{class},"message":"{message}"}}}},"pin":null}}"#
    );
    serde_json::from_str(&body).unwrap()
}

fn error(code: u64) -> String {
    format!(r#"{{"errors":[{{"code":{code},"message":"no"}}]}}"#)
}

#[test]
fn a_states_class_is_the_answer() {
    let accepted = Answer::Accepted { reference: Some("2237512891".to_owned()) };
    let refused = |code: &str| Answer::Refused(Refusal::parse(code));
    for (class, message, expected) in [
        (1, "CREATED", accepted.clone()),
        (2, "CONFIRMED", accepted.clone()),
        (5, "SUBMITTED", accepted.clone()),
        (77, "TELEPORTED", accepted),
        (7, "COMPLETED", Answer::Done { valid_until: None }),
        (3, "REJECTED-BARRED-CREDIT-PARTY", refused("not_renewable")),
        (9, "DECLINED-INVALID-CREDIT-PARTY", refused("unknown_line")),
        (9, "DECLINED", refused("DECLINED")),
        (9, "DECLINED-EXCEPTION", refused("DECLINED-EXCEPTION")),
        (4, "CANCELLED", refused("CANCELLED")),
        (8, "REVERSED", refused("REVERSED")),
    ] {
        assert_eq!(transaction(class, message).answer(), expected, "{message}");
    }
}

#[test]
fn only_their_own_errors_are_a_definite_no() {
    let said = |status, body: &str| word::<Transaction>(&reply(status, body));
    for (code, no) in [
        (1_007_001, No::IdUsed),
        (1_007_002, No::ConfirmedAlready),
        (1_007_004, No::TooLate),
        (1_007_005, No::CancelledAlready),
        (1_007_007, No::TooLate),
        (1_008_004, No::Missing),
    ] {
        assert_eq!(said(400, &error(code)), Ok(Err(no)), "{code}");
        assert!(matches!(said(500, &error(code)), Err(CarrierError::Unknown(_))), "a failure says nothing: {code}");
    }
    assert_eq!(said(400, &error(1_006_001)), Err(CarrierError::NoCredit));
    for (status, body) in [(400, error(1_000_400)), (400, String::new()), (401, error(1_000_401))] {
        assert!(matches!(said(status, &body), Err(CarrierError::Misconfigured(_))), "{status} {body}");
    }
    for (status, body) in [
        (200, ""),
        (201, "{}"),
        (200, r#"{"errors":[]}"#),
        (200, r#"{"id":"7","external_id":"x","status":{"message":"COMPLETED","class":{"id":7}}}"#),
        (200, r#"{"id":7,"external_id":"x","status":{"message":"COMPLETED"}}"#),
        (404, "<html>"),
        (404, r#"{"errors":[]}"#),
        (302, ""),
        (502, "{}"),
    ] {
        assert!(matches!(said(status, body), Err(CarrierError::Unknown(_))), "{status} {body}");
    }
}

#[test]
fn a_product_names_its_cost() {
    let fixed = r#"{"id":11,"name":"10 GB","type":"FIXED_VALUE_RECHARGE","validity":{"quantity":30,"unit":"DAY"},
        "operator":{"id":1,"country":{"iso_code":"SGP"}},
        "prices":{"wholesale":{"amount":4.5,"fee":0.25,"unit":"USD","unit_type":"CURRENCY"}},
        "benefits":[{"type":"TALKTIME","unit":"MINUTES","amount":{"base":5}},{"type":"DATA","unit":"GB","amount":{"base":1.5}}]}"#;
    let quoted = quote(&reply(200, fixed)).unwrap();
    assert_eq!((quoted.eligible, quoted.cost), (Ok(()), Some(Money::new(475, Currency::Usd))));
    let offer = serde_json::from_str::<Product>(fixed).unwrap().offer().unwrap();
    assert_eq!((offer.product.as_str(), offer.term), ("11", Some(Term::Days(30))));
    assert_eq!((offer.allowance.data, offer.coverage), (Data::Bytes(1_500_000_000), vec!["SGP".to_owned()]));
    let ranged = r#"{"id":12,"prices":{"wholesale":{"amount":{"min":1,"max":5},"fee":0,"unit":"USD"}}}"#;
    assert_eq!(quote(&reply(200, ranged)).unwrap().cost, None);
    assert_eq!(quote(&reply(404, &error(1_003_001))).unwrap().eligible, Err(Refusal::UnknownProduct));
    assert!(quote(&reply(404, "")).is_err(), "somebody else's 404");
}

#[test]
fn credit_is_the_money_that_is_left() {
    let balances = r#"[{"id":1,"unit_type":"POINTS","unit":"P","available":5},
        {"id":2,"unit_type":"CURRENCY","unit":"XAU","available":5},
        {"id":3,"unit_type":"CURRENCY","unit":"EUR","available":12.34,"holding":1}]"#;
    assert_eq!(credit(serde_json::from_str(balances).unwrap()), Ok(Some(Money::new(1_234, Currency::Eur))));
    assert_eq!(credit(vec![]), Ok(None));
}
