use super::*;
use crate::money::{Currency, Money};
use crate::payments::gateway::{RefundAnswer, RefundState};
use serde_json::json;

const NUMBER: &str = "F0123456789ABCDEFGHJKMNPQR";

fn event(kind: &str, object: Value) -> Value {
    json!({ "id": "evt_1", "object": "event", "type": kind, "livemode": false, "created": 1_790_000_000,
            "api_version": "2026-10-28.endive", "data": { "object": object } })
}

fn session(payment_status: &str) -> Value {
    json!({ "id": "cs_1", "object": "checkout.session", "livemode": false, "created": 1_789_999_000, "status": "complete",
            "payment_status": payment_status, "amount_total": 1500, "currency": "cny", "client_reference_id": "R1",
            "payment_intent": "pi_1", "url": null, "customer_details": { "email": "a@b.example" } })
}

fn told(event: &Value) -> Notice {
    read(event.to_string().as_bytes(), false)
}

fn news(kind: &str, object: Value) -> News {
    told(&event(kind, object)).news
}

#[test]
fn paid_is_what_the_payment_status_says() {
    for kind in ["checkout.session.completed", "checkout.session.async_payment_succeeded"] {
        let notice = told(&event(kind, session("paid")));
        assert_eq!((notice.event_key.as_str(), notice.merchant_ref.as_deref()), ("evt_1", Some("R1")));
        let News::Paid(money) = notice.news else { panic!("{kind} is paid") };
        assert_eq!((money.transaction.as_str(), money.received), ("pi_1", Money::new(1500, Currency::Cny)));
        assert_eq!(money.at.unix_timestamp(), 1_790_000_000);
        assert_eq!(news(kind, session("unpaid")), News::Nothing);
    }
    assert_eq!(news("checkout.session.async_payment_failed", session("unpaid")), News::Declined("declined".to_owned()));
    assert_eq!(news("checkout.session.expired", session("unpaid")), News::Closed);
}

#[test]
fn amounts_are_in_the_session_currency_and_no_other() {
    for (amount, currency, expected) in [
        (3900, "jpy", Some(Money::new(3900, Currency::Jpy))),
        (4500, "kwd", Some(Money::new(4500, Currency::Kwd))),
        (4500, "isk", None),
        (-1, "cny", None),
    ] {
        let mut session = session("paid");
        session["amount_total"] = amount.into();
        session["currency"] = currency.into();
        let received = match news("checkout.session.completed", session) {
            News::Paid(money) => Some(money.received),
            News::Unreadable(_) => None,
            other => panic!("{other:?}"),
        };
        assert_eq!(received, expected, "{currency}");
    }
}

fn refund(metadata: Value, status: &str) -> Value {
    json!({ "id": "re_1", "object": "refund", "amount": 700, "currency": "cny", "payment_intent": "pi_1",
            "status": status, "failure_reason": "lost_or_stolen_card", "metadata": metadata })
}

#[test]
fn a_refund_of_ours_is_known_by_its_number_and_any_other_by_hand() {
    for (status, state) in [
        ("pending", RefundState::Accepted),
        ("requires_action", RefundState::Accepted),
        ("succeeded", RefundState::Succeeded),
        ("failed", RefundState::Failed("lost_or_stolen_card".to_owned())),
        ("canceled", RefundState::Failed("lost_or_stolen_card".to_owned())),
    ] {
        let ours = json!({ "merchant_refund_no": NUMBER, "merchant_ref": "R1" });
        let answer = RefundAnswer { provider_refund_id: Some("re_1".to_owned()), state: state.clone() };
        let merchant_refund_no = NUMBER.to_owned();
        assert_eq!(news("refund.updated", refund(ours, status)), News::Refund { merchant_refund_no, answer });
        let (transaction, provider_refund_id) = ("pi_1".to_owned(), "re_1".to_owned());
        let amount = Money::new(700, Currency::Cny);
        assert_eq!(
            news("refund.created", refund(json!({}), status)),
            News::RefundElsewhere { transaction, provider_refund_id, amount, state }
        );
    }
    assert!(matches!(news("refund.updated", refund(json!({}), "frozen")), News::Unreadable(_)));
}

#[test]
fn a_dispute_names_the_payment() {
    let dispute = json!({ "id": "dp_1", "amount": 1500, "currency": "cny", "reason": "fraudulent",
                          "status": "needs_response", "payment_intent": "pi_1", "charge": "ch_1" });
    let News::Disputed { transaction, detail } = news("charge.dispute.created", dispute) else { panic!("disputed") };
    assert_eq!((transaction.as_str(), detail.as_str()), ("pi_1", "dp_1: 15.00 CNY, fraudulent, needs_response"));
}

#[test]
fn what_we_do_not_need_is_nothing_and_stays_stored() {
    for kind in ["invoice.paid", "charge.refunded", "customer.created", ""] {
        let notice = told(&event(kind, json!({ "id": "x" })));
        assert_eq!((notice.event_key.as_str(), notice.merchant_ref, notice.news), ("evt_1", None, News::Nothing));
    }
}

#[test]
fn another_mode_or_account_is_kept_for_a_person() {
    let mut live = event("checkout.session.completed", session("paid"));
    live["livemode"] = true.into();
    assert!(matches!(told(&live).news, News::Unreadable(_)));
    assert!(matches!(read(live.to_string().as_bytes(), true).news, News::Paid(_)));
    let mut theirs = event("checkout.session.completed", session("paid"));
    theirs["account"] = "acct_1".into();
    assert!(matches!(told(&theirs).news, News::Unreadable(_)));
}

#[test]
fn what_can_not_be_read_has_a_name_of_its_own() {
    let whole = event("checkout.session.completed", session("paid")).to_string();
    let twice = serde_json::to_string(&whole).unwrap();
    let mut lacking = event("checkout.session.completed", session("paid"));
    lacking["data"]["object"]["payment_intent"] = Value::Null;
    let nul = whole.replace("\"R1\"", "\"R\\u0000\"");
    let mut keys = std::collections::BTreeSet::new();
    for body in [&whole[..whole.len() - 1], &twice, "", "[]", "null", &lacking.to_string(), &nul] {
        let notice = read(body.as_bytes(), false);
        assert!(matches!(notice.news, News::Unreadable(_)), "{body}");
        assert!(keys.insert(notice.event_key), "{body}");
    }
}
