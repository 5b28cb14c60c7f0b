//! The days a line is served, and where a term added to them ends.
//!
//! Last days are inclusive. The day after the last one is the term's boundary: where the next term
//! starts, and the day a month term's anchor is counted at. A month term that starts on the 31st
//! has the anchor 31 and keeps it through short months: 31 Jan - 27 Feb, 28 Feb - 30 Mar, 31 Mar - 29 Apr.
//! A term of days moves the anchor to wherever its boundary falls.

use serde::{Deserialize, Serialize};
use time::Date;
use time::util::days_in_month;

use crate::calendar::{self, CalendarError};
use crate::plans::effect::EffectError;
use crate::plans::term::Term;

/// The days a line is served, both inclusive, and the day of the month its months are counted at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    pub from: Date,
    pub until: Date,
    pub anchor_day: u8,
}

impl Validity {
    /// A term from its first day.
    pub fn starting(from: Date, anchor_day: u8, term: Term) -> Result<Validity, EffectError> {
        if matches!(term, Term::Days(0) | Term::Months(0)) {
            return Err(EffectError::EmptyTerm);
        }
        let (boundary, anchor_day) = term.boundary(from, anchor_day)?;
        Ok(Validity { from, until: calendar::add_days(boundary, -1)?, anchor_day })
    }

    /// The same validity with another term behind it.
    pub fn extended(self, term: Term) -> Result<Validity, EffectError> {
        let boundary = self.boundary()?;
        let next = Validity::starting(boundary, self.anchor_at(boundary), term)?;
        Ok(Validity { from: self.from, ..next })
    }

    /// The day after the last one.
    pub fn boundary(self) -> Result<Date, CalendarError> {
        calendar::add_days(self.until, 1)
    }

    pub fn lapsed(self, today: Date) -> bool {
        self.until < today
    }

    /// Days still to be used, today included.
    pub fn days_left(self, today: Date) -> i64 {
        let first = today.max(self.from);
        (calendar::days_between(first, self.until) + 1).max(0)
    }

    /// The anchor where the boundary bears it out; granted days and imported lines can end anywhere,
    /// and then the boundary's own day counts.
    fn anchor_at(self, boundary: Date) -> u8 {
        let last = days_in_month(boundary.month(), boundary.year());
        if self.anchor_day.min(last) == boundary.day() { self.anchor_day } else { boundary.day() }
    }
}
