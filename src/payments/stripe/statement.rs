//! Stripe's own books: what it booked on our balance, by its days, which begin at midnight UTC.

use super::amount;
use super::client::Client;
use super::wire::{Linked, MERCHANT_REF, MERCHANT_REFUND_NO};
use crate::payments::gateway::{GatewayError, StatementKind, StatementLine};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use time::{Date, Duration, OffsetDateTime};

#[derive(Deserialize)]
struct Booking {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    #[serde(default)]
    source: Option<Linked<Source>>,
}

/// The charge or the refund behind a booking: the booking itself is in the currency of our bank account.
#[derive(Deserialize)]
struct Source {
    id: String,
    #[serde(default)]
    amount: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    payment_intent: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    metadata: Option<BTreeMap<String, String>>,
}

pub async fn of_day(client: &Client, day: Date) -> Result<Vec<StatementLine>, GatewayError> {
    let start = day.midnight().assume_utc();
    let fields = [
        // Each comes with its source; more would be more than an answer may have.
        ("limit", "20".to_owned()),
        ("created[gte]", start.unix_timestamp().to_string()),
        ("created[lt]", (start + Duration::DAY).unix_timestamp().to_string()),
        ("expand[]", "data.source".to_owned()),
    ];
    let mut lines = Vec::new();
    let visit = |booking: Booking| {
        lines.extend(booking.line());
        ControlFlow::Continue(())
    };
    client.each("/v1/balance_transactions", &fields, |booking: &Booking| &booking.id, visit).await?;
    lines.reverse();
    Ok(lines)
}

impl Booking {
    /// `None`: a fee, a payout, a sale of something else in a currency we don't sell in.
    fn line(self) -> Option<StatementLine> {
        let Some(Linked::Whole(source)) = self.source else { return None };
        let named = |name: &str| source.metadata.as_ref().and_then(|data| data.get(name)).cloned();
        let kind = match self.kind.as_str() {
            "charge" | "payment" => StatementKind::Payment,
            // A refund that failed was booked twice: away and back.
            "refund" | "payment_refund" if !matches!(source.status.as_deref(), Some("failed" | "canceled")) => {
                StatementKind::Refund {
                    merchant_refund_no: named(MERCHANT_REFUND_NO),
                    provider_refund_id: Some(source.id.clone()),
                }
            }
            _ => return None,
        };
        Some(StatementLine {
            kind,
            merchant_ref: named(MERCHANT_REF),
            amount: amount::from_stripe(source.amount?, source.currency.as_deref()?)?,
            transaction: source.payment_intent.unwrap_or(source.id),
            at: OffsetDateTime::from_unix_timestamp(self.created).ok()?,
        })
    }
}
