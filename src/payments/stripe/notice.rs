//! What an event says. Kinds we don't need are stored and acknowledged; what should say something and doesn't is kept for a person.

use super::amount;
use super::client::Client;
use super::wire::{Linked, MERCHANT_REF, Refund, Session};
use crate::payments::gateway::{GatewayError, News, Notice};
use crate::payments::model::is_refund_no;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::ops::ControlFlow;
use time::OffsetDateTime;

/// The kinds an operator has Stripe send, and those that are fetched when they could not be delivered.
pub const KINDS: [&str; 10] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.closed",
];

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    livemode: bool,
    created: i64,
    /// Whose it is, where it is not the key's own account.
    #[serde(default)]
    account: Option<String>,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

#[derive(Deserialize)]
struct Dispute {
    id: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    payment_intent: Option<String>,
    #[serde(default)]
    charge: Option<String>,
}

/// What a verified body says. A body that can't be read keeps a name of its own, so that it is stored once.
pub fn read(body: &[u8], live: bool) -> Notice {
    // A database text can't hold this character, and nothing we need has it.
    if body.windows(6).any(|six| six == b"\\u0000") {
        return unreadable(body, "it holds a character no text has".to_owned());
    }
    match serde_json::from_slice::<Event>(body) {
        Ok(event) => event.notice(live),
        Err(error) => unreadable(body, error.to_string()),
    }
}

fn unreadable(body: &[u8], why: String) -> Notice {
    let event_key = format!("unreadable-{}", hex::encode(Sha256::digest(body)));
    Notice { event_key, merchant_ref: None, news: News::Unreadable(why) }
}

impl Event {
    fn notice(self, live: bool) -> Notice {
        let (merchant_ref, news) = match self.stranger(live) {
            Some(why) if KINDS.contains(&self.kind.as_str()) => (None, News::Unreadable(why.to_owned())),
            _ => self
                .news()
                .unwrap_or_else(|| (None, News::Unreadable(format!("a `{}` that lacks what it must say", self.kind)))),
        };
        Notice { event_key: self.id, merchant_ref, news }
    }

    fn stranger(&self, live: bool) -> Option<&'static str> {
        match (&self.account, self.livemode == live) {
            (Some(_), _) => Some("of another account"),
            (None, false) if live => Some("of test mode, and the key is a live one"),
            (None, false) => Some("of live mode, and the key is a test one"),
            (None, true) => None,
        }
    }

    fn news(&self) -> Option<(Option<String>, News)> {
        match self.kind.as_str() {
            "checkout.session.completed" | "checkout.session.async_payment_succeeded" => self.session(|session, at| {
                // A bank that takes its time has completed the session and not yet paid.
                if session.is_paid() { session.money(at).map(News::Paid) } else { Some(News::Nothing) }
            }),
            "checkout.session.async_payment_failed" => self.session(|_, _| Some(News::Declined("declined".to_owned()))),
            "checkout.session.expired" => self.session(|_, _| Some(News::Closed)),
            "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => self.refund(),
            "charge.dispute.created" | "charge.dispute.closed" => self.dispute(),
            // Also `charge.refunded`: the refund's own events say more.
            _ => Some((None, News::Nothing)),
        }
    }

    fn session(&self, news: impl FnOnce(&Session, OffsetDateTime) -> Option<News>) -> Option<(Option<String>, News)> {
        let session = Session::deserialize(&self.data.object).ok()?;
        let at = OffsetDateTime::from_unix_timestamp(self.created).ok()?;
        let news = news(&session, at)?;
        Some((session.client_reference_id, news))
    }

    fn refund(&self) -> Option<(Option<String>, News)> {
        let refund = Refund::deserialize(&self.data.object).ok()?;
        let merchant_ref = refund.metadata.as_ref().and_then(|data| data.get(MERCHANT_REF)).cloned();
        // A number of another shape was given by a person.
        if let Some(number) = refund.merchant_refund_no().filter(|number| is_refund_no(number)) {
            let merchant_refund_no = number.to_owned();
            return Some((merchant_ref, News::Refund { merchant_refund_no, answer: refund.answer()? }));
        }
        let (state, amount) = (refund.state()?, amount::from_stripe(refund.amount, &refund.currency)?);
        let transaction = match refund.payment_intent? {
            Linked::Id(id) => id,
            Linked::Whole(intent) => intent.id,
        };
        Some((merchant_ref, News::RefundElsewhere { transaction, provider_refund_id: refund.id, amount, state }))
    }

    fn dispute(&self) -> Option<(Option<String>, News)> {
        let dispute = Dispute::deserialize(&self.data.object).ok()?;
        let amount = match amount::from_stripe(dispute.amount, &dispute.currency) {
            Some(money) => format!("{} {}", money.amount(), money.currency.code()),
            None => format!("{} {}", dispute.amount, dispute.currency),
        };
        let detail = format!("{}: {amount}, {}, {}", dispute.id, dispute.reason, dispute.status);
        let transaction = dispute.payment_intent.or(dispute.charge)?;
        Some((None, News::Disputed { transaction, detail }))
    }
}

/// Events since then that reached no endpoint.
pub async fn undelivered(client: &Client, since: OffsetDateTime) -> Result<Vec<Vec<u8>>, GatewayError> {
    let mut fields = vec![
        ("limit", "20".to_owned()),
        ("delivery_success", "false".to_owned()),
        ("created[gte]", since.unix_timestamp().to_string()),
    ];
    fields.extend(KINDS.map(|kind| ("types[]", kind.to_owned())));
    let mut missed = Vec::new();
    let visit = |event: Value| {
        missed.push(event.to_string().into_bytes());
        ControlFlow::Continue(())
    };
    client.each("/v1/events", &fields, |event: &Value| event["id"].as_str().unwrap_or_default(), visit).await?;
    // As it happened.
    missed.reverse();
    Ok(missed)
}

#[cfg(test)]
mod tests;
