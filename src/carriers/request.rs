use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

use super::{Answer, CarrierError};
use crate::money::Money;
use crate::plans::allowance::Allowance;
use crate::plans::effect::Effect;
use crate::plans::term::Term;

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    FmCard,
    Esim,
}

/// A line as a carrier knows it, and its validity as the portal does: both days inclusive, in the
/// line's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRef {
    pub carrier: String,
    pub kind: LineKind,
    pub iccid: String,
    pub msisdn: Option<String>,
    /// The carrier's own id of the line, where it has one; ICCIDs are used again.
    pub carrier_line_id: Option<String>,
    #[serde(with = "iso_date")]
    pub valid_from: Date,
    #[serde(with = "iso_date")]
    pub valid_until: Date,
    pub anchor_day: u8,
    pub time_zone: String,
}

/// What was bought. Kept word for word, so that a second try is the same request as the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalRequest {
    pub request_id: String,
    pub line: LineRef,
    /// The carrier's own name for the plan.
    pub product: String,
    pub effect: Effect,
    pub term: Term,
    pub allowance: Allowance,
    /// What the customer paid.
    pub sold_for: Money,
    #[serde(with = "iso_date")]
    pub promised_until: Date,
}

/// A request on its way, with all that is known of it so far.
#[derive(Clone, Copy, Debug)]
pub struct Submission<'a> {
    pub request: &'a RenewalRequest,
    /// The carrier's own reference: of the reservation, or of what it accepted.
    pub reference: Option<&'a str>,
    /// What [`super::Carrier::baseline`] said before it was first sent.
    pub baseline: &'a serde_json::Value,
    /// When it was last sent; `None` before the first time.
    pub sent_at: Option<OffsetDateTime>,
    pub now: OffsetDateTime,
}

impl Submission<'_> {
    /// What to say of a request that the carrier doesn't show: it was surely not seen if it would show by now.
    pub fn not_shown(&self, settled_after: Duration) -> Result<Option<Answer>, CarrierError> {
        let age = self.sent_at.map_or(Duration::ZERO, |sent| (self.now - sent).try_into().unwrap_or_default());
        match settled_after.saturating_sub(age) {
            Duration::ZERO => Ok(None),
            rest => Err(CarrierError::TooEarly(rest)),
        }
    }
}
