//! What goes over the wire, and what an answer means.

mod product;

pub use product::{Product, quote};

use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::carriers::amounts;
use crate::carriers::{Answer, CarrierError, LineRef, Refusal, RenewalRequest, Reply};
use crate::money::Money;

/// Their codes for what is neither done nor to be tried again.
const NO_SUCH_PRODUCT: u64 = 1_003_001;
const BAD_NUMBER: u64 = 1_005_003;
const NO_CREDIT: u64 = 1_006_001;
const ID_USED: u64 = 1_007_001;
const CONFIRMED_ALREADY: u64 = 1_007_002;
const NOT_CONFIRMED_ANY_MORE: u64 = 1_007_004;
const CANCELLED_ALREADY: u64 = 1_007_005;
const NOT_CANCELLED_ANY_MORE: u64 = 1_007_007;
const NO_SUCH_TRANSACTION: u64 = 1_008_004;
const NOT_FOUND: u64 = 1_000_404;

#[derive(Serialize)]
pub struct CreateBody<'a> {
    external_id: &'a str,
    product_id: u64,
    auto_confirm: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_url: Option<&'a str>,
    credit_party_identifier: Party<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Party<'a> {
    MobileNumber(&'a str),
    AccountNumber(&'a str),
}

impl<'a> CreateBody<'a> {
    /// `None`: their products have numbers, and this is none.
    pub fn new(
        request: &'a RenewalRequest,
        external_id: &'a str,
        auto_confirm: bool,
        callback_url: Option<&'a str>,
    ) -> Option<Self> {
        let product_id = request.product.parse().ok()?;
        Some(Self {
            external_id,
            product_id,
            auto_confirm,
            callback_url,
            credit_party_identifier: party(&request.line),
        })
    }
}

fn party(line: &LineRef) -> Party<'_> {
    match &line.msisdn {
        Some(number) => Party::MobileNumber(number),
        None => Party::AccountNumber(&line.iccid),
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Transaction {
    pub id: u64,
    pub external_id: String,
    status: Status,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct Status {
    message: String,
    class: Class,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct Class {
    id: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Held, and neither confirmed nor cancelled.
    Created,
    /// Confirmed, and on its way.
    UnderWay,
    Cancelled,
    Completed,
    Reversed,
    /// Rejected by them or declined by the operator.
    Refused,
    /// A class we don't know.
    Unheard,
}

impl Transaction {
    pub fn state(&self) -> State {
        match self.status.class.id {
            1 => State::Created,
            2 | 5 => State::UnderWay,
            3 | 9 => State::Refused,
            4 => State::Cancelled,
            7 => State::Completed,
            8 => State::Reversed,
            _ => State::Unheard,
        }
    }

    /// Held or gone: nothing was or will be delivered by it as it is.
    pub fn has_lapsed(&self) -> bool {
        matches!(self.state(), State::Created | State::Cancelled)
    }

    /// No answer names the last day.
    pub fn answer(&self) -> Answer {
        match self.state() {
            State::Created | State::UnderWay | State::Unheard => {
                Answer::Accepted { reference: Some(self.id.to_string()) }
            }
            State::Completed => Answer::Done { valid_until: None },
            State::Refused | State::Cancelled | State::Reversed => Answer::Refused(self.refusal()),
        }
    }

    pub fn refusal(&self) -> Refusal {
        let message = self.status.message.to_ascii_uppercase();
        let (_, reason) = message.split_once('-').unwrap_or(("", &message));
        match reason {
            "INVALID-CREDIT-PARTY" => Refusal::UnknownLine,
            "BARRED-CREDIT-PARTY" | "INELIGIBLE-CREDIT-PARTY" => Refusal::NotRenewable,
            _ => Refusal::parse(&message),
        }
    }
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<ErrorDetail>,
}

#[derive(Deserialize)]
struct ErrorDetail {
    code: u64,
}

/// Why something was not done, in words of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    IdUsed,
    ConfirmedAlready,
    CancelledAlready,
    /// Too late to confirm or to cancel.
    TooLate,
    Missing,
}

pub type Word<T> = Result<Result<T, No>, CarrierError>;

/// An answer, or one of the noes that lead on; all others are errors.
pub fn word<T: DeserializeOwned>(reply: &Reply) -> Word<T> {
    if reply.status.is_success() {
        return reply.json().map(Ok);
    }
    Ok(Err(match code(reply) {
        Some(ID_USED) => No::IdUsed,
        Some(CONFIRMED_ALREADY) => No::ConfirmedAlready,
        Some(CANCELLED_ALREADY) => No::CancelledAlready,
        Some(NOT_CONFIRMED_ANY_MORE | NOT_CANCELLED_ANY_MORE) => No::TooLate,
        Some(NO_SUCH_TRANSACTION | NOT_FOUND) => No::Missing,
        Some(NO_CREDIT) => return Err(CarrierError::NoCredit),
        _ => return Err(reply.failure()),
    }))
}

/// Whether a transaction was not even created, for a reason that stays.
pub fn refused(reply: &Reply) -> Option<Refusal> {
    match code(reply)? {
        NO_SUCH_PRODUCT => Some(Refusal::UnknownProduct),
        BAD_NUMBER => Some(Refusal::UnknownLine),
        _ => None,
    }
}

/// Only their own errors say something for certain.
fn code(reply: &Reply) -> Option<u64> {
    let definite = matches!(reply.status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND);
    let errors: Errors = definite.then(|| reply.json().ok()).flatten()?;
    errors.errors.first().map(|error| error.code)
}

#[derive(Deserialize)]
pub struct Balance {
    unit_type: String,
    unit: String,
    available: Number,
}

/// The first that is money of a kind that is sold in here.
pub fn credit(balances: Vec<Balance>) -> Result<Option<Money>, CarrierError> {
    let money = balances.iter().filter(|balance| balance.unit_type == "CURRENCY");
    for balance in money {
        if let Some(credit) = amounts::credit(&balance.available, &balance.unit)? {
            return Ok(Some(credit));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
