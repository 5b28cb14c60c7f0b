use super::*;
use crate::carriers::LineKind;
use serde_json::json;
use time::macros::{date, datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

fn profile(id: &str, status: &str) -> Value {
    json!({
        "esimTranNo": id, "orderNo": "B1", "iccid": "8997212330099025334F", "esimStatus": status,
        "smdpStatus": "ENABLED", "totalVolume": 1_000, "totalDuration": 7, "expiredTime": "2026-11-30T16:00:00+0000",
    })
}

fn read(profiles: &[Value]) -> Vec<Profile> {
    let body = json!({ "success": true, "obj": { "esimList": profiles, "pager": { "total": 1 } } });
    super::profiles(&wire::reply(200, &body.to_string())).unwrap().unwrap()
}

fn line(id: Option<&str>) -> LineRef {
    LineRef {
        carrier: "globix".to_owned(),
        kind: LineKind::Esim,
        iccid: "8997212330099025334".to_owned(),
        msisdn: None,
        carrier_line_id: id.map(str::to_owned),
        valid_from: date!(2026 - 11 - 24),
        valid_until: date!(2026 - 11 - 30),
        anchor_day: 24,
        time_zone: "Asia/Shanghai".to_owned(),
    }
}

fn before(status: &str) -> Baseline {
    recalled(&noted(Ok(read(&[profile("1", status)]).remove(0)))).unwrap().unwrap()
}

#[test]
fn a_card_that_was_given_out_again_is_not_guessed() {
    let one = || read(&[profile("1", "IN_USE")]);
    let both = || read(&[profile("1", "USED_EXPIRED"), profile("2", "IN_USE")]);
    assert_eq!(only(one(), &line(None)).unwrap().line_id, "1");
    assert_eq!(only(both(), &line(Some("2"))).unwrap().line_id, "2");
    assert_eq!(only(both(), &line(None)), Err(Refusal::Other("several_lines".to_owned())));
    assert_eq!(only(one(), &line(Some("2"))), Err(Refusal::UnknownLine));
    assert_eq!(only(vec![], &line(None)), Err(Refusal::UnknownLine));
}

#[test]
fn what_was_noted_is_recalled_a_refusal_too() {
    assert_eq!(before("IN_USE"), Baseline { line_id: "1".into(), volume: 1_000, duration: Some(7), begun: true });
    let refusal = Refusal::Other("several_lines".to_owned());
    assert_eq!(recalled(&noted(Err(refusal.clone()))), Ok(Err(refusal)));
    for odd in [Value::Null, json!({}), json!({ "line": {} }), json!(7)] {
        assert!(matches!(recalled(&odd), Err(CarrierError::Misconfigured(_))), "{odd}");
    }
}

#[test]
fn a_top_up_shows_in_the_totals() {
    let before = before("IN_USE");
    let mut after = read(&[profile("1", "IN_USE")]).remove(0);
    assert!(before.is_as(&after) && !before.grown_by(500, &after) && !before.grown_by(0, &after));
    after.total_volume = 1_500;
    assert!(!before.is_as(&after) && before.grown_by(500, &after));
    assert!(!before.grown_by(400, &after), "somebody else's top-up");
    after.total_volume = 1_000;
    after.total_duration = Some(37);
    assert!(!before.is_as(&after));
}

#[test]
fn an_answer_to_our_transaction_is_believed() {
    let said = |obj: Value, before: &Baseline| {
        let body = json!({ "success": "true", "errorCode": null, "obj": obj });
        topped_up(&wire::reply(200, &body.to_string()), "t", before, "Asia/Shanghai")
    };
    let until = |valid_until| Ok(Answer::Done { valid_until });
    let begun = before("IN_USE");
    let done = json!({ "transactionId": "t", "expiredTime": "2026-12-30T16:00:00+0000", "totalVolume": 1_500 });
    assert_eq!(said(done.clone(), &begun), until(Some(date!(2026 - 12 - 30))));
    assert_eq!(said(done, &before("GOT_RESOURCE")), until(None), "not begun, so its days aren't counted yet");
    assert_eq!(said(json!({ "transactionId": "t", "expiredTime": "soon" }), &begun), until(None));
    assert_eq!(said(json!({ "transactionId": "t" }), &begun), until(None));
    for odd in [json!({ "transactionId": "other" }), json!({}), json!(null), json!([])] {
        assert!(matches!(said(odd.clone(), &begun), Err(CarrierError::Unknown(_))), "{odd}");
    }
}

#[test]
fn which_states_take_a_top_up() {
    let asked = |status: &str| read(&[profile("1", status)]).remove(0).takes_top_ups();
    for status in ["GOT_RESOURCE", "IN_USE", "USED_UP"] {
        assert_eq!(asked(status), Ok(()), "{status}");
    }
    assert_eq!(asked("SUSPENDED"), Err(Refusal::Other("suspended".to_owned())));
    for status in ["USED_EXPIRED", "UNUSED_EXPIRED", "CANCEL", "REVOKED", "ON_THE_MOON"] {
        assert_eq!(asked(status), Err(Refusal::NotRenewable), "{status}");
    }
}

#[test]
fn figures_say_how_old_they_are() {
    let figures = json!({
        "esimTranNo": "1", "dataUsage": 1_200, "totalData": 1_000, "lastUpdateTime": "2026-11-22T09:00:00+0000",
    });
    let profile = read(&[profile("1", "IN_USE")]).remove(0);
    let said = |obj: Value| {
        let body = json!({ "success": true, "obj": obj }).to_string();
        usage(&profile, &wire::reply(200, &body), NOW, "Asia/Shanghai")
    };
    for obj in [json!({ "esimUsageList": [figures] }), json!([figures])] {
        let told = said(obj).unwrap();
        assert_eq!((told.as_of, told.installed), (datetime!(2026-11-22 09:00 UTC), Some(true)));
        assert_eq!((told.left.unwrap().data, told.total.unwrap().data), (Data::Bytes(0), Data::Bytes(1_000)));
        assert_eq!(told.valid_until, Some(date!(2026 - 11 - 30)));
    }
    let silent = said(json!([])).unwrap();
    assert_eq!((silent.as_of, silent.left), (NOW, None));
    assert!(said(json!({ "list": [] })).is_err());
}
