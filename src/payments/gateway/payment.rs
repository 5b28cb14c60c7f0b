use crate::money::Money;
use crate::payments::model::{Attempt, Device};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// An attempt as its gateway sees it.
#[derive(Debug, Clone)]
pub struct Payment {
    pub merchant_ref: String,
    /// The gateway's own name for it, once known.
    pub provider_ref: Option<String>,
    pub method: String,
    pub amount: Money,
    pub order_number: String,
    pub language: String,
    pub return_url: String,
    pub payer: Payer,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Some gateways have another page for phones, and some want to know where the payer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    pub device: Device,
    /// An IP address, or `unknown`.
    pub address: String,
}

impl Payment {
    pub fn of(attempt: &Attempt) -> Self {
        Self {
            merchant_ref: attempt.merchant_ref.clone(),
            provider_ref: attempt.provider_ref.clone(),
            method: attempt.method.clone(),
            amount: attempt.amount(),
            order_number: attempt.order_number.clone(),
            language: attempt.language.clone(),
            return_url: attempt.return_url.clone(),
            payer: Payer { device: attempt.payer_device, address: attempt.payer_address.clone() },
            created_at: attempt.created_at,
            expires_at: attempt.expires_at,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Created {
    pub provider_ref: Option<String>,
    pub presentation: Presentation,
}

/// How the customer gets to the payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presentation {
    Redirect(String),
    /// The text of a QR code.
    Qr(String),
}

/// Money that came, as the gateway states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyIn {
    pub transaction: String,
    pub received: Money,
    pub at: OffsetDateTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Not known there yet; some gateways make a payment only when the payer arrives.
    NotYetCreated,
    /// Waits for the payer.
    Open,
    /// The payer has done their part, and whether money comes is not certain yet.
    Processing,
    Paid(MoneyIn),
    Declined(String),
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseAnswer {
    Closed,
    AlreadyPaid,
    /// Could not be stopped, because it does not exist there yet: it may still be paid until it expires.
    NotYetCreated,
}
