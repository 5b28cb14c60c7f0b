//! How long a plan runs, and what its price means per month.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::calendar::{self, CalendarError};
use crate::money::{Money, MoneyError};

/// Days or calendar months; 30 days are never a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Term {
    Days(u32),
    Months(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a term such as 30 days or 1 month")]
pub struct TermError;

/// Ten years and a little: longer terms are slips of the pen.
const LONGEST_DAYS: u32 = 3_660;
const LONGEST_MONTHS: u32 = 120;

impl Term {
    /// Reads `1 month`, `12 months`, `30 days`.
    pub fn parse(text: &str) -> Result<Term, TermError> {
        let (count, unit) = text.trim().split_once(' ').ok_or(TermError)?;
        if !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(TermError);
        }
        let count = count.parse().map_err(|_| TermError)?;
        let unit = unit.trim_start().to_ascii_lowercase();
        Term::of(count, unit.strip_suffix('s').unwrap_or(&unit))
    }

    /// So many of a unit, `day` or `month`.
    pub fn of(count: i32, unit: &str) -> Result<Term, TermError> {
        let count = u32::try_from(count).map_err(|_| TermError)?;
        match unit {
            "day" if (1..=LONGEST_DAYS).contains(&count) => Ok(Term::Days(count)),
            "month" if (1..=LONGEST_MONTHS).contains(&count) => Ok(Term::Months(count)),
            _ => Err(TermError),
        }
    }

    pub fn count(self) -> u32 {
        match self {
            Term::Days(count) | Term::Months(count) => count,
        }
    }

    pub fn unit(self) -> &'static str {
        match self {
            Term::Days(_) => "day",
            Term::Months(_) => "month",
        }
    }

    /// The first day after a term that starts on `start`, and the anchor day of the term that would
    /// follow. A month ends before the anchor day; a number of days makes an anchor of where it ends.
    pub fn boundary(self, start: Date, anchor_day: u8) -> Result<(Date, u8), CalendarError> {
        match self {
            Term::Days(days) => {
                let boundary = calendar::add_days(start, days.into())?;
                Ok((boundary, boundary.day()))
            }
            Term::Months(months) => {
                let months = i32::try_from(months).map_err(|_| CalendarError::OutOfRange)?;
                let boundary = calendar::add_months(start, months, anchor_day)?;
                Ok((boundary, anchor_day))
            }
        }
    }

    /// The term in months as an exact fraction, for comparing prices only: 30 days count as one.
    pub fn months(self) -> (u32, u32) {
        match self {
            Term::Days(days) => (days, 30),
            Term::Months(months) => (months, 1),
        }
    }

    /// What the price comes to per month, to the nearest minor unit: something to compare by, never charged.
    pub fn per_month(self, price: Money) -> Result<Money, MoneyError> {
        let (months, parts) = self.months();
        price.fraction(parts, months)
    }

    /// Whole percent cheaper per month than another offer, rounded down; `None` if not cheaper.
    pub fn percent_saved(self, price: Money, other: (Term, Money)) -> Option<u8> {
        let (other_term, other_price) = other;
        price.same_currency(other_price).ok()?;
        let here = per_thirtieth(price, other_term);
        let there = per_thirtieth(other_price, self);
        let saved = (there - here).checked_mul(100)?.checked_div(there)?;
        u8::try_from(saved).ok().filter(|saved| *saved > 0 && here >= 0)
    }
}

/// The price times the other side's length in thirtieths of a month: both sides have the same
/// denominator, so they compare without dividing.
fn per_thirtieth(price: Money, other_term: Term) -> i128 {
    let (months, parts) = other_term.months();
    i128::from(price.minor) * i128::from(months) * i128::from(30 / parts)
}

/// The stored form, which [`Term::parse`] reads; pages have words of their own.
impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = (self.count(), self.unit());
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "{count} {unit}{plural}")
    }
}

impl FromStr for Term {
    type Err = TermError;
    fn from_str(text: &str) -> Result<Term, TermError> {
        Term::parse(text)
    }
}

impl TryFrom<String> for Term {
    type Error = TermError;
    fn try_from(text: String) -> Result<Term, TermError> {
        Term::parse(&text)
    }
}

impl From<Term> for String {
    fn from(term: Term) -> String {
        term.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Term::*;
    use super::*;
    use crate::money::Currency::{Cny, Kwd, Usd};
    use proptest::prelude::*;
    use time::macros::date;

    #[test]
    fn reads_terms_and_nothing_else() {
        for (text, expected) in [
            ("1 month", Ok(Months(1))),
            ("12 months", Ok(Months(12))),
            ("30 days", Ok(Days(30))),
            (" 7 Days ", Ok(Days(7))),
            ("1 day", Ok(Days(1))),
            ("0 days", Err(TermError)),
            ("-1 days", Err(TermError)),
            ("+1 days", Err(TermError)),
            ("1.5 months", Err(TermError)),
            ("30", Err(TermError)),
            ("days", Err(TermError)),
            (" days", Err(TermError)),
            ("1 year", Err(TermError)),
            ("99999 days", Err(TermError)),
            ("99999999999 months", Err(TermError)),
        ] {
            assert_eq!(Term::parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn thirty_days_are_not_a_month() {
        let start = date!(2026 - 01 - 31);
        assert_eq!(Months(1).boundary(start, 31), Ok((date!(2026 - 02 - 28), 31)));
        assert_eq!(Days(30).boundary(start, 31), Ok((date!(2026 - 03 - 02), 2)));
        assert_eq!(Days(28).boundary(start, 31), Ok((date!(2026 - 02 - 28), 28)));
    }

    #[test]
    fn prices_compare_by_the_month() {
        for (term, minor, currency, expected) in [
            (Months(1), 3_900, Cny, 3_900),
            (Months(3), 10_500, Cny, 3_500),
            (Months(12), 38_800, Cny, 3_233),
            (Days(30), 4_500, Kwd, 4_500),
            (Days(7), 990, Usd, 4_243),
            (Days(90), 9_900, Cny, 3_300),
        ] {
            let price = term.per_month(Money::new(minor, currency));
            assert_eq!(price, Ok(Money::new(expected, currency)), "{term}");
        }
    }

    #[test]
    fn savings_are_never_overstated() {
        let monthly = (Months(1), Money::new(3_900, Cny));
        for (term, minor, expected) in [
            (Months(3), 10_500, Some(10)),
            (Months(12), 38_800, Some(17)),
            (Months(3), 11_700, None),
            (Months(3), 20_000, None),
            (Days(90), 9_900, Some(15)),
            (Months(1), 0, Some(100)),
        ] {
            let saved = term.percent_saved(Money::new(minor, Cny), monthly);
            assert_eq!(saved, expected, "{term} {minor}");
        }
        assert_eq!(Months(3).percent_saved(Money::new(1, Usd), monthly), None);
        let free = (Months(1), Money::zero(Cny));
        assert_eq!(Months(1).percent_saved(Money::zero(Cny), free), None);
    }

    proptest! {
        #[test]
        fn reads_back_what_it_writes(count in 1u32..=120, days: bool) {
            let term = if days { Days(count) } else { Months(count) };
            prop_assert_eq!(Term::parse(&term.to_string()), Ok(term));
            prop_assert_eq!(Term::of(count as i32, term.unit()), Ok(term));
            let json = serde_json::to_string(&term).unwrap();
            prop_assert_eq!(serde_json::from_str::<Term>(&json).unwrap(), term);
        }

        #[test]
        fn monthly_prices_are_the_nearest(minor in 0i64..1_000_000_000, months in 1u32..120) {
            let price = Money::new(minor, Cny);
            let whole = Months(months).per_month(price).unwrap().minor * i64::from(months);
            let off = 2 * (whole - minor);
            prop_assert!((1 - i64::from(months)..=i64::from(months)).contains(&off));
        }
    }
}
