//! What goes over the wire, and what an answer means. Every field may be missing and every state may be new.

pub mod balance;
pub mod catalogue;
pub mod inventory;
pub mod order;

use std::fmt;

use serde::Deserialize;
use serde_json::Number;
use time::{OffsetDateTime, UtcOffset};

use crate::carriers::dates;

#[derive(Deserialize)]
pub struct Problem {
    code: serde_json::Value,
    reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = format!("{} {}", self.code, self.reason).chars().take(120).collect();
        write!(f, "{text}")
    }
}

/// How an order or a top-up stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Refused(String),
    UnderWay,
    Completed,
}

impl Standing {
    /// A state nobody told us of is no end.
    pub fn of(state: Option<&str>) -> Standing {
        match state.unwrap_or_default().trim() {
            "completed" => Standing::Completed,
            refused @ ("rejected" | "failed" | "cancelled") => Standing::Refused(refused.to_owned()),
            _ => Standing::UnderWay,
        }
    }

    /// Where the carrier has several of the same request, the one that counts.
    pub fn rank(&self) -> u8 {
        match self {
            Standing::Refused(_) => 0,
            Standing::UnderWay => 1,
            Standing::Completed => 2,
        }
    }
}

#[derive(Deserialize)]
pub struct Ref {
    pub id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Period {
    start_date_time: Option<String>,
    end_date_time: Option<String>,
}

impl Period {
    /// The instant it ends; what can't be read is as if it had not been said.
    pub fn end(&self) -> Option<OffsetDateTime> {
        instant(self.end_date_time.as_deref())
    }

    pub fn covers(&self, now: OffsetDateTime) -> bool {
        instant(self.start_date_time.as_deref()).is_none_or(|start| start <= now)
            && self.end().is_none_or(|end| now < end)
    }
}

/// Dates without a zone are taken as UTC.
fn instant(text: Option<&str>) -> Option<OffsetDateTime> {
    dates::instant(text?, UtcOffset::UTC).ok()
}

#[derive(Deserialize)]
pub struct Quantity {
    amount: Option<Number>,
    units: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn only_what_says_so_has_ended() {
        for (state, standing) in [
            (Some("completed"), Standing::Completed),
            (Some("rejected"), Standing::Refused("rejected".to_owned())),
            (Some("failed"), Standing::Refused("failed".to_owned())),
            (Some("cancelled"), Standing::Refused("cancelled".to_owned())),
            (None, Standing::UnderWay),
        ] {
            assert_eq!(Standing::of(state), standing, "{state:?}");
        }
        for state in [
            "acknowledged",
            "pending",
            "held",
            "inProgress",
            "assessingCancellation",
            "pendingCancellation",
            "draft",
            "inProgress.accepted",
            "created",
            "",
            "COMPLETED-ish",
        ] {
            assert_eq!(Standing::of(Some(state)), Standing::UnderWay, "{state}");
        }
    }

    #[test]
    fn a_period_ends_where_it_says() {
        let period = |text: &str| serde_json::from_str::<Period>(text).unwrap();
        let until = period(r#"{"endDateTime":"2026-12-30T15:59:59Z"}"#);
        assert_eq!(until.end(), Some(datetime!(2026-12-30 15:59:59 UTC)));
        assert!(until.covers(datetime!(2026-12-30 15:59 UTC)) && !until.covers(datetime!(2026-12-30 16:00 UTC)));
        assert_eq!(period(r#"{"endDateTime":"2026-12-30 15:59:59"}"#).end(), Some(datetime!(2026-12-30 15:59:59 UTC)));
        for open in ["{}", r#"{"endDateTime":"one day"}"#, r#"{"startDateTime":null}"#] {
            assert!(period(open).covers(datetime!(2026-12-30 16:00 UTC)), "{open}");
        }
    }
}
