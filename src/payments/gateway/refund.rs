use super::Payment;
use crate::money::Money;
use crate::payments::model::{Attempt, Refund};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

#[derive(Debug, Clone)]
pub struct RefundOrder {
    pub merchant_refund_no: String,
    pub provider_refund_id: Option<String>,
    pub amount: Money,
    pub reason: &'static str,
    pub requested_at: OffsetDateTime,
    pub payment: Payment,
    pub transaction: String,
    /// What the payment brought in, of which this is all or a part.
    pub received: Money,
}

impl RefundOrder {
    pub fn of(refund: &Refund, attempt: &Attempt) -> Self {
        Self {
            merchant_refund_no: refund.merchant_refund_no.clone(),
            provider_refund_id: refund.provider_refund_id.clone(),
            amount: Money::new(refund.amount_minor, refund.currency),
            reason: refund.reason.as_str(),
            requested_at: refund.created_at,
            payment: Payment::of(attempt),
            transaction: attempt.provider_txn_id.clone().unwrap_or_default(),
            received: attempt.received().unwrap_or(Money::zero(refund.currency)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundAnswer {
    pub provider_refund_id: Option<String>,
    pub state: RefundState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    Accepted,
    Succeeded,
    Failed(String),
}
