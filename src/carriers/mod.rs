//! Those who serve the lines, behind one trait; one folder per protocol. Nothing here is stored.
//! What a carrier answers is sorted by what it says about the line: done, refused, accepted for later,
//! *unknown* (it may have happened, so it is asked after) or *unavailable* (it surely did not happen).

pub mod names;
mod registry;
mod request;
pub mod simulator;

pub use registry::{Carriers, Connection};
pub use request::{LineRef, RenewalRequest};

use async_trait::async_trait;
use time::Date;

use crate::money::Money;

#[async_trait]
pub trait Carrier: Send + Sync {
    /// Whether the line can be renewed with the product, and at what price. Asked just before money
    /// is taken, so it is never answered from memory.
    async fn quote(&self, line: &LineRef, product: &str) -> Result<Quote, CarrierError>;

    /// Asks for a renewal. Money may move here. The same request id asks for the same renewal.
    async fn submit(&self, request: &RenewalRequest) -> Result<Answer, CarrierError>;

    /// What became of a request; `None` only where the carrier surely has not seen it. An error of
    /// either kind says nothing about the request.
    async fn find(&self, request_id: &str) -> Result<Option<Answer>, CarrierError>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub eligible: Result<(), Refusal>,
    /// `None` where the carrier leaves the price to the portal.
    pub price: Option<Money>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Accepted,
    /// The last day the line is now valid, inclusive, in the line's time zone.
    Done {
        valid_until: Date,
    },
    Refused(Refusal),
}

/// A definite no: nothing happened, and asking again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotRenewable,
    UnknownLine,
    UnknownProduct,
    /// The carrier's own code.
    Other(String),
}

impl Refusal {
    pub fn parse(code: &str) -> Refusal {
        match code {
            "not_renewable" => Refusal::NotRenewable,
            "unknown_line" => Refusal::UnknownLine,
            "unknown_product" => Refusal::UnknownProduct,
            other => Refusal::Other(other.chars().take(60).collect()),
        }
    }

    pub fn code(&self) -> &str {
        match self {
            Refusal::NotRenewable => "not_renewable",
            Refusal::UnknownLine => "unknown_line",
            Refusal::UnknownProduct => "unknown_product",
            Refusal::Other(code) => code,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    #[error("it is unknown what the carrier did: {0}")]
    Unknown(String),
    #[error("the carrier did nothing: {0}")]
    Unavailable(String),
    /// The carrier does not take our word for it: credentials, address or request are wrong.
    #[error("the carrier is not set up rightly: {0}")]
    Misconfigured(String),
}
