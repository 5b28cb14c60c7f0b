use serde::{Deserialize, Serialize};
use time::Date;

use crate::plans::effect::Effect;
use crate::plans::term::Term;

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

/// A line as a carrier knows it, and its validity as the portal does: both days inclusive, in the
/// line's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRef {
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

/// What was bought. Kept word for word, so that a second try is the same request as the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalRequest {
    pub request_id: String,
    pub line: LineRef,
    /// The carrier's own name for the plan.
    pub product: String,
    pub effect: Effect,
    pub term: Term,
    #[serde(with = "iso_date")]
    pub promised_until: Date,
}
