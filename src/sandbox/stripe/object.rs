//! What is in the ledger, as Stripe's objects.

use super::super::Sandbox;
use super::super::ledger::{Payment, Refund};
use super::super::protocol::{Happened, Message};
use super::VERSION;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

fn seconds(at: OffsetDateTime) -> i64 {
    at.unix_timestamp()
}

/// Status and payment status. Money that the bank has refused after all leaves the session complete and unpaid.
fn statuses(payment: &Payment) -> (&'static str, &'static str) {
    match payment.status.as_str() {
        "paid" => ("complete", "paid"),
        "failed" => ("complete", "unpaid"),
        "closed" => ("expired", "unpaid"),
        _ => ("open", "unpaid"),
    }
}

pub fn session(payment: &Payment, statuses: (&str, &str), url: Option<String>, intent: Value) -> Value {
    let (status, payment_status) = statuses;
    let total = payment.received_minor.unwrap_or(payment.amount_minor);
    json!({
        "id": payment.id, "object": "checkout.session", "mode": "payment", "livemode": false,
        "created": payment.details["created"], "expires_at": seconds(payment.expires_at),
        "status": status, "payment_status": payment_status, "url": url,
        "amount_subtotal": total, "amount_total": total, "currency": payment.currency.to_lowercase(),
        "client_reference_id": payment.merchant_ref, "metadata": payment.details["metadata"],
        "payment_intent": intent, "payment_method_types": ["card"], "ui_mode": "hosted_page",
        "success_url": payment.details["success_url"], "cancel_url": payment.details["cancel_url"],
        "locale": payment.lang, "customer": null, "customer_email": null,
    })
}

/// As it is now; `expand`: how much of the payment intent is wanted.
pub fn session_now(sandbox: &Sandbox, payment: &Payment, expand: &[&str]) -> Value {
    let statuses = statuses(payment);
    let url = (statuses.0 == "open").then(|| format!("{}/pay/{}", sandbox.settings.public_url, payment.id));
    let wants = |what: &str| expand.iter().any(|path| path.starts_with(what));
    let intent = match wants("payment_intent") {
        true => intent(payment, wants("payment_intent.latest_charge")),
        false => intent_id(payment),
    };
    session(payment, statuses, url, intent)
}

fn intent_id(payment: &Payment) -> Value {
    match (&payment.transaction_id, payment.status.as_str()) {
        (Some(id), _) => id.as_str().into(),
        (None, "failed") => format!("pi_{}", payment.id.trim_start_matches("cs_test_")).into(),
        _ => Value::Null,
    }
}

fn charge_id(intent: &str) -> String {
    format!("ch_{}", intent.trim_start_matches("pi_"))
}

fn intent(payment: &Payment, with_charge: bool) -> Value {
    let id = intent_id(payment);
    let Some(name) = id.as_str() else { return Value::Null };
    let paid = payment.paid_at.map(seconds);
    let charge = match (paid, with_charge) {
        (Some(_), true) => charge(payment),
        (Some(_), false) => charge_id(name).into(),
        (None, _) => Value::Null,
    };
    json!({
        "id": id, "object": "payment_intent", "livemode": false, "created": paid.unwrap_or(seconds(payment.expires_at)),
        "amount": payment.amount_minor, "amount_received": payment.received_minor.unwrap_or(0),
        "currency": payment.currency.to_lowercase(), "latest_charge": charge,
        "status": if paid.is_some() { "succeeded" } else { "requires_payment_method" },
        "last_payment_error": paid.is_none().then(|| json!({ "type": "card_error", "code": "card_declined" })),
        "metadata": payment.details["intent_metadata"],
    })
}

pub fn charge(payment: &Payment) -> Value {
    let intent = payment.transaction_id.as_deref().unwrap_or_default();
    json!({
        "id": charge_id(intent), "object": "charge", "livemode": false, "payment_intent": intent,
        "amount": payment.received_minor, "currency": payment.currency.to_lowercase(), "status": "succeeded",
        "created": payment.paid_at.map(seconds), "paid": true, "metadata": payment.details["intent_metadata"],
    })
}

pub fn refund(payment: &Payment, refund: &Refund) -> Value {
    let status = if refund.status == "accepted" { "pending" } else { refund.status.as_str() };
    let intent = payment.transaction_id.as_deref().unwrap_or_default();
    let mut body = json!({
        "id": refund.id, "object": "refund", "amount": refund.amount_minor, "status": status,
        "currency": payment.currency.to_lowercase(), "payment_intent": intent, "charge": charge_id(intent),
        "created": refund.details["created"], "reason": refund.details["reason"], "metadata": refund.details["metadata"],
    });
    if status == "failed" {
        body["failure_reason"] = "expired_or_canceled_card".into();
    }
    body
}

/// What the merchant is told of it.
pub fn message(payment: &Payment, happened: Happened<'_>, at: OffsetDateTime) -> Message {
    let session = |statuses| session(payment, statuses, None, intent_id(payment));
    let (kind, object) = match happened {
        Happened::Paid => ("checkout.session.completed", session(("complete", "paid"))),
        Happened::Declined => ("checkout.session.async_payment_failed", session(("complete", "unpaid"))),
        Happened::Processing => ("checkout.session.completed", session(("complete", "unpaid"))),
        Happened::Refund { refund: back, .. } if back.status == "failed" => ("refund.failed", refund(payment, back)),
        Happened::Refund { refund: back, .. } => ("refund.updated", refund(payment, back)),
    };
    event(kind, object, at)
}

pub fn expired(payment: &Payment, at: OffsetDateTime) -> Message {
    event("checkout.session.expired", session(payment, ("expired", "unpaid"), None, Value::Null), at)
}

fn event(kind: &str, object: Value, at: OffsetDateTime) -> Message {
    let id = format!("evt_{}", Uuid::new_v4().simple());
    let body = json!({
        "id": id, "object": "event", "api_version": VERSION, "type": kind, "livemode": false, "created": seconds(at),
        "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null }, "data": { "object": object },
    });
    Message { id, body: body.to_string() }
}
