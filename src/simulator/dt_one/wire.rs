use serde::{Deserialize, Serialize};
use serde_json::Number;
use time::OffsetDateTime;

use super::queries::Transaction;
use crate::calendar;
use crate::decimal;
use crate::money::Currency;
use crate::plans::term::Term;
use crate::simulator::queries::Product;
use crate::units::MB;

pub const CREATED: u8 = 1;
pub const CANCELLED: u8 = 4;
pub const SUBMITTED: u8 = 5;
pub const COMPLETED: u8 = 7;
pub const DECLINED: u8 = 9;

#[derive(Deserialize)]
pub struct CreateBody {
    pub external_id: String,
    pub product_id: u64,
    #[serde(default)]
    pub auto_confirm: bool,
    pub credit_party_identifier: Party,
}

#[derive(Deserialize)]
pub struct Party {
    mobile_number: Option<String>,
    account_number: Option<String>,
}

impl Party {
    pub fn key(&self) -> Option<&str> {
        self.mobile_number.as_deref().or(self.account_number.as_deref())
    }
}

#[derive(Serialize)]
pub struct TransactionReply {
    id: i64,
    external_id: String,
    creation_date: String,
    confirmation_expiration_date: String,
    status: Status,
}

#[derive(Serialize)]
struct Status {
    id: u32,
    message: String,
    class: Class,
}

#[derive(Serialize)]
struct Class {
    id: u8,
    message: &'static str,
}

impl TransactionReply {
    pub fn of(transaction: &Transaction, now: OffsetDateTime) -> Self {
        let class = transaction.class(now);
        let message = match class {
            CREATED => "CREATED",
            CANCELLED => "CANCELLED",
            SUBMITTED => "SUBMITTED",
            COMPLETED => "COMPLETED",
            _ => "DECLINED",
        };
        let detail = transaction.refused.as_ref().map(|_| "-BARRED-CREDIT-PARTY").unwrap_or_default();
        Self {
            id: transaction.id,
            external_id: transaction.external_id.clone(),
            creation_date: calendar::rfc3339(&transaction.created_at),
            confirmation_expiration_date: calendar::rfc3339(&transaction.expires_at),
            status: Status {
                id: u32::from(class) * 10_000,
                message: format!("{message}{detail}"),
                class: Class { id: class, message },
            },
        }
    }
}

#[derive(Serialize)]
pub struct Errors {
    errors: [ErrorDetail; 1],
}

#[derive(Serialize)]
struct ErrorDetail {
    code: u64,
    message: &'static str,
}

impl Errors {
    pub fn of(code: u64) -> Self {
        let message = match code {
            1_000_401 => "Unauthorized",
            1_003_001 => "Product is not available in your account",
            1_005_003 => "Credit party mobile number is invalid",
            1_006_001 => "Insufficient balance",
            1_007_001 => "Transaction external ID has already been used",
            1_007_002 => "Transaction has already been confirmed",
            1_007_004 => "Transaction can no longer be confirmed",
            1_007_005 => "Transaction has already been cancelled",
            1_007_007 => "Transaction can no longer be cancelled",
            1_008_004 => "Transaction not found",
            1_009_001 => "Unexpected error, please contact our support team",
            _ => "Bad Request",
        };
        Self { errors: [ErrorDetail { code, message }] }
    }
}

#[derive(Serialize)]
pub struct Balance {
    id: u8,
    unit_type: &'static str,
    unit: &'static str,
    available: Number,
}

impl Balance {
    pub fn of(minor: i64, unit: &str) -> Option<Self> {
        let currency = Currency::parse(unit).ok()?;
        Some(Self { id: 1, unit_type: "CURRENCY", unit: currency.code(), available: amount(minor, currency)? })
    }
}

#[derive(Serialize)]
pub struct ProductReply<'a> {
    id: u64,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    validity: Validity,
    prices: Prices,
    benefits: [Benefit; 1],
}

#[derive(Serialize)]
struct Validity {
    quantity: u32,
    unit: String,
}

#[derive(Serialize)]
struct Prices {
    wholesale: Price,
}

#[derive(Serialize)]
struct Price {
    amount: Number,
    fee: u8,
    unit: &'static str,
    unit_type: &'static str,
}

#[derive(Serialize)]
struct Benefit {
    #[serde(rename = "type")]
    kind: &'static str,
    unit: &'static str,
    unit_type: &'static str,
    amount: BenefitAmount,
}

#[derive(Serialize)]
struct BenefitAmount {
    base: i64,
}

impl<'a> ProductReply<'a> {
    pub fn of(product: &'a Product) -> Option<Self> {
        let term = product.term().unwrap_or(Term::Days(1));
        let (amount, unit) = (amount(product.cost_minor, product.currency)?, product.currency.code());
        let base = product.data_bytes.unwrap_or_default() / MB;
        Some(Self {
            id: product.code.parse().ok()?,
            name: &product.title,
            kind: "FIXED_VALUE_RECHARGE",
            validity: Validity { quantity: term.count(), unit: term.unit().to_ascii_uppercase() },
            prices: Prices { wholesale: Price { amount, fee: 0, unit, unit_type: "CURRENCY" } },
            benefits: [Benefit { kind: "DATA", unit: "MB", unit_type: "DATA", amount: BenefitAmount { base } }],
        })
    }
}

fn amount(minor: i64, currency: Currency) -> Option<Number> {
    decimal::write(minor, currency.exponent()).parse().ok()
}
