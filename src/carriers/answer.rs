use std::time::Duration;

use time::{Date, OffsetDateTime};

use super::LineState;
use crate::http_client::Unanswered;
use crate::money::Money;
use crate::plans::allowance::Allowance;
use crate::plans::effect::Effect;
use crate::plans::term::Term;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub eligible: Result<(), Refusal>,
    /// What the customer has to pay; `None` where the carrier leaves that to the portal.
    pub price: Option<Money>,
    /// What the operator has to pay; `None` where the carrier doesn't say.
    pub cost: Option<Money>,
}

/// Something the carrier sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The carrier's own name for it, as in [`super::RenewalRequest::product`].
    pub product: String,
    /// As the carrier writes it, in whichever language.
    pub title: String,
    pub cost: Option<Money>,
    pub term: Option<Term>,
    pub allowance: Allowance,
    /// ISO 3166 codes; `*` is everywhere; empty where the carrier doesn't say.
    pub coverage: Vec<String>,
    /// Where it differs from one product to the next; otherwise the protocol's facts say it.
    pub effect: Option<Effect>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Taken on, not done yet; the carrier's own reference, if it gave one.
    Accepted {
        reference: Option<String>,
    },
    /// The last day the line is now valid, inclusive, in the line's time zone; `None` where the answer doesn't say.
    Done {
        valid_until: Option<Date>,
    },
    Refused(Refusal),
}

/// How a line stands with its carrier. What the carrier doesn't say is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// When this was true: the carrier's own statement, else when it was asked.
    pub as_of: OffsetDateTime,
    pub state: Option<LineState>,
    pub total: Option<Allowance>,
    pub left: Option<Allowance>,
    /// The last day, inclusive, in the line's time zone.
    pub valid_until: Option<Date>,
    pub balance: Option<Money>,
    /// Whether the profile is on a device; eSIM only.
    pub installed: Option<bool>,
}

impl Usage {
    /// Of a line it does not know, or of any line, a carrier may say nothing; that is an answer.
    pub fn unsaid(as_of: OffsetDateTime) -> Self {
        Self { as_of, state: None, total: None, left: None, valid_until: None, balance: None, installed: None }
    }
}

/// A definite no: nothing happened, and asking again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotRenewable,
    UnknownLine,
    UnknownProduct,
    /// The carrier has given the card to somebody else.
    Recycled,
    /// The line has had as many renewals as the carrier allows.
    TopUpLimit,
    /// The carrier's own code.
    Other(String),
}

impl Refusal {
    pub fn parse(code: &str) -> Refusal {
        match code {
            "not_renewable" => Refusal::NotRenewable,
            "unknown_line" => Refusal::UnknownLine,
            "unknown_product" => Refusal::UnknownProduct,
            "recycled" => Refusal::Recycled,
            "top_up_limit" => Refusal::TopUpLimit,
            other => Refusal::Other(other.chars().take(60).collect()),
        }
    }

    pub fn code(&self) -> &str {
        match self {
            Refusal::NotRenewable => "not_renewable",
            Refusal::UnknownLine => "unknown_line",
            Refusal::UnknownProduct => "unknown_product",
            Refusal::Recycled => "recycled",
            Refusal::TopUpLimit => "top_up_limit",
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
    /// Turned away for asking too often; when it may be asked again.
    #[error("the carrier wants to be left alone for {} s", .0.as_secs())]
    Busy(Duration),
    /// A request that was sent shows with the carrier only after a while; how long until it can be told.
    #[error("it can be told in {} s what the carrier did", .0.as_secs())]
    TooEarly(Duration),
    /// The operator has nothing left with the carrier to pay this from. The carrier did nothing.
    #[error("the operator's credit with the carrier is used up")]
    NoCredit,
    /// The carrier does not take our word for it: credentials, address or request are wrong.
    #[error("the carrier is not set up rightly: {0}")]
    Misconfigured(String),
}

impl CarrierError {
    pub fn unknown(what: impl ToString) -> Self {
        Self::Unknown(what.to_string())
    }

    /// The same trouble with a question that went before the request: of that, the carrier did nothing.
    pub fn before_sending(self) -> Self {
        match self {
            Self::Unknown(what) => Self::Unavailable(what),
            other => other,
        }
    }

    pub fn misconfigured(what: impl ToString) -> Self {
        Self::Misconfigured(what.to_string())
    }
}

/// Nothing was sent where no connection came about; after that anything may have happened.
impl From<Unanswered> for CarrierError {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered.sent {
            true => Self::Unknown(unanswered.what),
            false => Self::Unavailable("no connection".to_owned()),
        }
    }
}
