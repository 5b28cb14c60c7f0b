//! The shapes on the wire, read with no more than is needed.

use crate::money::{Currency, Money};
use crate::payments::gateway::{
    MoneyIn, News, Notice, RefundAnswer, RefundState, Standing, StatementKind, StatementLine,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

#[derive(Serialize)]
pub struct NewPayment<'a> {
    pub merchant_ref: &'a str,
    pub amount_minor: i64,
    pub currency: &'static str,
    pub merchant: &'a str,
    pub order_number: &'a str,
    pub lang: &'a str,
    pub return_url: &'a str,
    pub notify_url: &'a str,
    /// Unix seconds.
    pub expires_at: i64,
}

#[derive(Deserialize)]
pub struct PaymentBody {
    pub id: String,
    pub status: String,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub transaction_id: Option<String>,
    #[serde(default)]
    pub received_minor: Option<i64>,
    #[serde(default)]
    pub received_currency: Option<String>,
    #[serde(default)]
    pub paid_at: Option<i64>,
}

impl PaymentBody {
    /// `None`: the answer contradicts itself and can't be trusted.
    pub fn standing(self) -> Option<Standing> {
        match self.status.as_str() {
            "open" => Some(Standing::Open),
            "processing" => Some(Standing::Processing),
            "paid" => self.money().map(Standing::Paid),
            "failed" => Some(Standing::Declined("declined".to_owned())),
            "closed" => Some(Standing::Closed),
            _ => None,
        }
    }

    fn money(self) -> Option<MoneyIn> {
        let currency = Currency::parse(&self.received_currency?).ok()?;
        Some(MoneyIn {
            transaction: self.transaction_id?,
            received: Money::new(self.received_minor.filter(|minor| *minor >= 0)?, currency),
            at: OffsetDateTime::from_unix_timestamp(self.paid_at?).ok()?,
        })
    }
}

#[derive(Serialize)]
pub struct NewRefund<'a> {
    pub merchant_ref: &'a str,
    pub merchant_refund_no: &'a str,
    pub amount_minor: i64,
    pub currency: &'static str,
    pub reason: &'a str,
}

#[derive(Deserialize)]
pub struct RefundBody {
    pub id: String,
    pub merchant_refund_no: String,
    pub status: String,
    #[serde(default)]
    pub failure: Option<String>,
}

impl RefundBody {
    pub fn answer(self) -> Option<RefundAnswer> {
        let state = match self.status.as_str() {
            "accepted" => RefundState::Accepted,
            "succeeded" => RefundState::Succeeded,
            "failed" => RefundState::Failed(self.failure.unwrap_or_default()),
            _ => return None,
        };
        Some(RefundAnswer { provider_refund_id: Some(self.id), state })
    }
}

#[derive(Deserialize)]
pub struct StatementBody {
    pub lines: Vec<LineBody>,
}

#[derive(Deserialize)]
pub struct LineBody {
    merchant_ref: String,
    transaction_id: String,
    amount_minor: i64,
    currency: String,
    at: i64,
    merchant_refund_no: Option<String>,
    refund_id: Option<String>,
}

impl LineBody {
    pub fn read(self) -> Option<StatementLine> {
        let kind = match self.refund_id {
            None => StatementKind::Payment,
            id => StatementKind::Refund { merchant_refund_no: self.merchant_refund_no, provider_refund_id: id },
        };
        Some(StatementLine {
            kind,
            merchant_ref: Some(self.merchant_ref),
            transaction: self.transaction_id,
            amount: Money::new(self.amount_minor, Currency::parse(&self.currency).ok()?),
            at: OffsetDateTime::from_unix_timestamp(self.at).ok()?,
        })
    }
}

#[derive(Deserialize)]
pub struct ErrorBody {
    pub code: String,
}

#[derive(Deserialize)]
struct Notification {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    merchant_ref: Option<String>,
    #[serde(default)]
    payment: Option<PaymentBody>,
    #[serde(default)]
    refund: Option<RefundBody>,
}

/// What a verified body says. A body that can't be read keeps a name of its own, so that it is stored once.
pub fn notice(body: &[u8]) -> Notice {
    match serde_json::from_slice::<Notification>(body) {
        Ok(read) => {
            let (event_key, merchant_ref) = (read.id.clone(), read.merchant_ref.clone());
            Notice { event_key, merchant_ref, news: news(read) }
        }
        Err(error) => Notice {
            event_key: format!("unreadable-{}", hex::encode(<sha2::Sha256 as sha2::Digest>::digest(body))),
            merchant_ref: None,
            news: News::Unreadable(error.to_string()),
        },
    }
}

fn news(read: Notification) -> News {
    let kind = read.kind.clone();
    let known = match kind.as_str() {
        "payment.succeeded" => read.payment.and_then(PaymentBody::money).map(News::Paid),
        "payment.failed" => Some(News::Declined("declined".to_owned())),
        "payment.closed" => Some(News::Closed),
        "refund.succeeded" | "refund.failed" => read.refund.and_then(|refund| {
            let merchant_refund_no = refund.merchant_refund_no.clone();
            refund.answer().map(|answer| News::Refund { merchant_refund_no, answer })
        }),
        _ => Some(News::Nothing),
    };
    known.unwrap_or_else(|| News::Unreadable(format!("a `{kind}` that lacks what it must say")))
}
