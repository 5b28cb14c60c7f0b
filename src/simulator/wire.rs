//! The carrier's own side of its protocol.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

use super::queries::{Line, Product, Renewal};
use crate::money::{Currency, Money};
use crate::plans::effect::Effect;
use crate::plans::term::Term;

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

#[derive(Deserialize)]
pub struct LineBody {
    pub carrier: String,
    pub iccid: String,
    pub msisdn: Option<String>,
    #[serde(with = "iso_date")]
    pub valid_from: Date,
    #[serde(with = "iso_date")]
    pub valid_until: Date,
    pub anchor_day: u8,
    pub time_zone: String,
}

#[derive(Deserialize)]
pub struct QuoteBody {
    pub line: LineBody,
    pub product: String,
}

#[derive(Deserialize)]
pub struct RenewalBody {
    pub request_id: String,
    pub line: LineBody,
    pub product: String,
    pub effect: Effect,
    pub term: Term,
}

#[derive(Serialize)]
pub struct QuoteReply {
    eligible: bool,
    price_minor: Option<i64>,
    currency: Option<Currency>,
    cost_minor: Option<i64>,
    cost_currency: Option<Currency>,
}

impl QuoteReply {
    pub fn of(price: Option<&Money>, product: Option<&Product>) -> Self {
        Self {
            eligible: true,
            price_minor: price.map(|price| price.minor),
            currency: price.map(|price| price.currency),
            cost_minor: product.map(|product| product.cost_minor),
            cost_currency: product.map(|product| product.currency),
        }
    }
}

#[derive(Serialize)]
pub struct RenewalReply {
    request_id: String,
    #[serde(flatten)]
    state: State,
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum State {
    Accepted,
    Done {
        #[serde(with = "iso_date")]
        valid_until: Date,
    },
    Refused {
        reason: String,
    },
}

impl RenewalReply {
    pub fn of(renewal: Renewal, now: OffsetDateTime) -> RenewalReply {
        let state = match renewal.refused {
            Some(reason) => State::Refused { reason },
            None if now < renewal.due_at => State::Accepted,
            None => State::Done { valid_until: renewal.valid_until },
        };
        RenewalReply { request_id: renewal.request_id, state }
    }

    pub fn http_status(&self) -> u16 {
        match self.state {
            State::Accepted => 202,
            State::Done { .. } => 200,
            State::Refused { .. } => 422,
        }
    }
}

#[derive(Serialize)]
pub struct ErrorReply {
    error: ErrorDetail,
}

#[derive(Serialize)]
struct ErrorDetail {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    renewal: Option<RenewalReply>,
}

impl ErrorReply {
    pub fn new(code: &'static str) -> ErrorReply {
        ErrorReply { error: ErrorDetail { code, renewal: None } }
    }

    pub fn duplicate(first: RenewalReply) -> ErrorReply {
        ErrorReply { error: ErrorDetail { code: "duplicate_request", renewal: Some(first) } }
    }
}

#[derive(Serialize)]
pub struct LineReply {
    state: String,
    #[serde(with = "iso_date")]
    valid_until: Date,
    data_total_bytes: i64,
    data_left_bytes: i64,
    data_unlimited: bool,
    #[serde(with = "time::serde::rfc3339")]
    as_of: OffsetDateTime,
}

impl LineReply {
    pub fn of(line: Line, now: OffsetDateTime) -> LineReply {
        LineReply {
            state: line.state,
            valid_until: line.valid_until,
            data_total_bytes: line.data_total_bytes,
            data_left_bytes: line.data_left_bytes,
            data_unlimited: line.data_unlimited,
            as_of: now,
        }
    }
}

#[derive(Serialize)]
pub struct ProductReply {
    code: String,
    title: String,
    effect: Effect,
    term: Option<Term>,
    data_unlimited: bool,
    data_bytes: Option<i64>,
    coverage: Vec<String>,
    cost_minor: i64,
    currency: Currency,
}

impl ProductReply {
    pub fn of(product: Product) -> ProductReply {
        ProductReply {
            term: product.term().ok(),
            code: product.code,
            title: product.title,
            effect: product.effect,
            data_unlimited: product.data_unlimited,
            data_bytes: product.data_bytes,
            coverage: product.coverage,
            cost_minor: product.cost_minor,
            currency: product.currency,
        }
    }
}
