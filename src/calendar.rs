//! Days as people count them: which day it is where the customer lives, when it ends, what a month
//! later means, and how dates are written. The only file that knows time zones.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use jiff::tz::TimeZone;
use time::util::days_in_month;
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::lang::Lang;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("is not a time zone such as Asia/Shanghai")]
    UnknownZone,
    #[error("the date is out of range")]
    OutOfRange,
    #[error("an anchor day is 1 to 31")]
    AnchorDay,
}

/// A time zone by its IANA name, checked when it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: Arc<str>,
    rules: TimeZone,
}

impl Zone {
    /// Looked up once per name: a page asks for the same zone dozens of times.
    pub fn parse(name: &str) -> Result<Zone, CalendarError> {
        static KNOWN: RwLock<BTreeMap<String, Zone>> = RwLock::new(BTreeMap::new());
        if let Some(zone) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(zone.clone());
        }
        let zone = Zone::look_up(name)?;
        KNOWN.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), zone.clone());
        Ok(zone)
    }

    fn look_up(name: &str) -> Result<Zone, CalendarError> {
        let rules = TimeZone::get(name).map_err(|_| CalendarError::UnknownZone)?;
        let name = rules.iana_name().ok_or(CalendarError::UnknownZone)?;
        Ok(Zone { name: name.into(), rules })
    }

    pub fn utc() -> Zone {
        Zone { name: "UTC".into(), rules: TimeZone::UTC }
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The names of zones that people live in, sorted.
pub fn zones() -> &'static [String] {
    const REGIONS: [&str; 9] =
        ["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];
    static ZONES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let inhabited = |name: &String| name.split('/').next().is_some_and(|region| REGIONS.contains(&region));
        let known = jiff::tz::db().available().map(|name| name.as_str().to_owned());
        let mut zones: Vec<String> = known.filter(|name| inhabited(name) || name == "UTC").collect();
        zones.sort();
        zones
    });
    &ZONES
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

/// The day it is in the zone.
pub fn today(now: OffsetDateTime, zone: &Zone) -> Date {
    local(now, zone).date()
}

/// What clocks in the zone show. In the first and last days of the years ±9999, UTC.
pub fn local(now: OffsetDateTime, zone: &Zone) -> PrimitiveDateTime {
    let utc = now.checked_to_offset(UtcOffset::UTC).unwrap_or(now);
    try_local(utc, zone).unwrap_or(PrimitiveDateTime::new(utc.date(), utc.time()))
}

fn try_local(now: OffsetDateTime, zone: &Zone) -> Option<PrimitiveDateTime> {
    let instant = jiff::Timestamp::from_nanosecond(now.unix_timestamp_nanos()).ok()?;
    let offset = zone.rules.to_offset(instant).seconds();
    let shifted = now.checked_add(Duration::seconds(offset.into()))?;
    Some(PrimitiveDateTime::new(shifted.date(), shifted.time()))
}

/// The first instant of the day, in UTC; of the next one that exists, where the zone skipped it.
pub fn start_of_day(date: Date, zone: &Zone) -> OffsetDateTime {
    try_start_of_day(date, zone).unwrap_or(date.midnight().assume_utc())
}

fn try_start_of_day(date: Date, zone: &Zone) -> Option<OffsetDateTime> {
    let year = i16::try_from(date.year()).ok()?;
    let (month, day) = (u8::from(date.month()) as i8, date.day() as i8);
    let midnight = jiff::civil::Date::new(year, month, day).ok()?.at(0, 0, 0, 0);
    let instant = zone.rules.to_ambiguous_timestamp(midnight);
    let nanosecond = instant.compatible().ok()?.as_nanosecond();
    OffsetDateTime::from_unix_timestamp_nanos(nanosecond).ok()
}

/// The first instant after an inclusive last day: a line valid until `date` is served while `now`
/// is before it.
pub fn end_of_day(date: Date, zone: &Zone) -> OffsetDateTime {
    match date.next_day() {
        Some(next) => start_of_day(next, zone),
        None => date.midnight().assume_utc(),
    }
}

/// The anchor day `months` later (earlier if negative), or the month's last day where it is too
/// short for it. `date` gives the month only, so a chain returns from 28 February to the 31st.
pub fn add_months(date: Date, months: i32, anchor_day: u8) -> Result<Date, CalendarError> {
    if !(1..=31).contains(&anchor_day) {
        return Err(CalendarError::AnchorDay);
    }
    let index = (date.year() * 12 + i32::from(u8::from(date.month())) - 1)
        .checked_add(months)
        .ok_or(CalendarError::OutOfRange)?;
    let year = index.div_euclid(12);
    let month = Month::January.nth_next(index.rem_euclid(12) as u8);
    let day = anchor_day.min(days_in_month(month, year));
    Date::from_calendar_date(year, month, day).map_err(|_| CalendarError::OutOfRange)
}

pub fn add_days(date: Date, days: i64) -> Result<Date, CalendarError> {
    Duration::DAY
        .checked_mul(i32::try_from(days).map_err(|_| CalendarError::OutOfRange)?)
        .and_then(|span| date.checked_add(span))
        .ok_or(CalendarError::OutOfRange)
}

/// Days from one date to another; negative if the second comes first.
pub fn days_between(from: Date, to: Date) -> i64 {
    i64::from(to.to_julian_day()) - i64::from(from.to_julian_day())
}

/// `25 Nov 2026`, `2026 年 11 月 25 日`.
pub fn long_date(date: Date, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{} {}", day_and_month(date, lang), date.year()),
        Lang::Zh => format!("{} 年 {}", date.year(), day_and_month(date, lang)),
    }
}

/// `25 Nov`, `11 月 25 日`; the year is written only where it is not this one.
pub fn short_date(date: Date, today: Date, lang: Lang) -> String {
    if date.year() == today.year() { day_and_month(date, lang) } else { long_date(date, lang) }
}

/// `14:05`, in both languages.
pub fn clock_time(at: PrimitiveDateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// For machines: `<time datetime>` and files.
pub fn rfc3339(at: &OffsetDateTime) -> String {
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

fn day_and_month(date: Date, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{}\u{a0}{}", date.day(), &date.month().to_string()[..3]),
        // No-break spaces: a line may end after the year, not inside a day.
        Lang::Zh => format!("{}\u{a0}月\u{a0}{}\u{a0}日", u8::from(date.month()), date.day()),
    }
}

#[cfg(test)]
mod tests;
