//! The shapes on the wire, read with no more than is needed.

use super::amount;
use crate::payments::gateway::{MoneyIn, RefundAnswer, RefundState, Standing};
use serde::Deserialize;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// What we hang on everything we make, to know it again.
pub const MERCHANT_REF: &str = "merchant_ref";
pub const MERCHANT_REFUND_NO: &str = "merchant_refund_no";

/// Another object: its id, or all of it where that was asked for.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Linked<T> {
    Id(String),
    Whole(T),
}

#[derive(Deserialize)]
pub struct Session {
    pub id: String,
    pub livemode: bool,
    pub created: i64,
    /// Only while it can be paid.
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    pub payment_status: String,
    #[serde(default)]
    pub amount_total: Option<i64>,
    #[serde(default)]
    pub currency: Option<String>,
    #[serde(default)]
    pub client_reference_id: Option<String>,
    #[serde(default)]
    pub payment_intent: Option<Linked<Intent>>,
}

#[derive(Deserialize)]
pub struct Intent {
    pub id: String,
    pub created: i64,
    pub status: String,
    #[serde(default)]
    pub latest_charge: Option<Linked<Charge>>,
    #[serde(default)]
    pub last_payment_error: Option<Reason>,
}

#[derive(Deserialize)]
pub struct Charge {
    pub created: i64,
}

#[derive(Deserialize)]
pub struct Reason {
    #[serde(default)]
    pub code: Option<String>,
}

impl Session {
    pub fn is_paid(&self) -> bool {
        self.payment_status == "paid"
    }

    /// `None`: the answer contradicts itself and can't be trusted.
    pub fn standing(&self) -> Option<Standing> {
        match (self.status.as_deref()?, self.payment_status.as_str()) {
            ("complete", "paid") => self.money(self.paid_at()?).map(Standing::Paid),
            ("open", "unpaid") => Some(Standing::Open),
            ("expired", "unpaid") => Some(Standing::Closed),
            // The bank takes its time, or it has refused after all.
            ("complete", "unpaid") => Some(self.declined().map_or(Standing::Processing, Standing::Declined)),
            _ => None,
        }
    }

    /// In the currency it was asked in, whatever the customer was shown.
    pub fn money(&self, at: OffsetDateTime) -> Option<MoneyIn> {
        let transaction = match self.payment_intent.as_ref()? {
            Linked::Id(id) => id.clone(),
            Linked::Whole(intent) => intent.id.clone(),
        };
        let received = amount::from_stripe(self.amount_total?, self.currency.as_deref()?)?;
        Some(MoneyIn { transaction, received, at })
    }

    fn paid_at(&self) -> Option<OffsetDateTime> {
        let seconds = match &self.payment_intent {
            Some(Linked::Whole(Intent { latest_charge: Some(Linked::Whole(charge)), .. })) => charge.created,
            Some(Linked::Whole(intent)) => intent.created,
            _ => self.created,
        };
        OffsetDateTime::from_unix_timestamp(seconds).ok()
    }

    fn declined(&self) -> Option<String> {
        let Some(Linked::Whole(intent)) = &self.payment_intent else { return None };
        let over = matches!(intent.status.as_str(), "requires_payment_method" | "canceled");
        let why = intent.last_payment_error.as_ref().and_then(|reason| reason.code.clone());
        over.then(|| why.unwrap_or_else(|| "declined".to_owned()))
    }
}

#[derive(Deserialize)]
pub struct Refund {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    #[serde(default)]
    pub payment_intent: Option<Linked<Intent>>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub failure_reason: Option<String>,
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, String>>,
}

impl Refund {
    pub fn merchant_refund_no(&self) -> Option<&str> {
        self.metadata.as_ref()?.get(MERCHANT_REFUND_NO).map(String::as_str)
    }

    pub fn state(&self) -> Option<RefundState> {
        match self.status.as_deref()? {
            "pending" | "requires_action" => Some(RefundState::Accepted),
            "succeeded" => Some(RefundState::Succeeded),
            status @ ("failed" | "canceled") => {
                Some(RefundState::Failed(self.failure_reason.clone().unwrap_or_else(|| status.to_owned())))
            }
            _ => None,
        }
    }

    /// `None`: in a state we don't know.
    pub fn answer(&self) -> Option<RefundAnswer> {
        Some(RefundAnswer { provider_refund_id: Some(self.id.clone()), state: self.state()? })
    }
}

#[derive(Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

#[derive(Deserialize)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[derive(Deserialize)]
pub struct ErrorDetail {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub message: Option<String>,
}

impl ErrorDetail {
    pub fn words(&self) -> String {
        let code = self.code.as_deref().unwrap_or(&self.kind);
        let message: String = self.message.iter().flat_map(|text| text.chars()).take(200).collect();
        format!("{code}: {message}")
    }
}
