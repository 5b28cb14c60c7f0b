//! Carriers write instants, with or without a zone; lines are valid to the end of a civil day.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use super::CarrierError;
use crate::calendar::{self, Zone};

/// The last whole or begun day before the line ends at this instant: an end at midnight leaves the day before.
pub fn last_day(end: OffsetDateTime, zone: &str) -> Result<Date, CarrierError> {
    let zone = Zone::parse(zone).map_err(CarrierError::unknown)?;
    let last =
        end.checked_sub(time::Duration::NANOSECOND).ok_or_else(|| CarrierError::unknown("a date out of range"))?;
    Ok(calendar::today(last, &zone))
}

/// `2026-11-30T16:00:00Z`, `2026-11-30T16:00:00+0000` or `2026-11-30 16:00:00`, which is taken at the carrier's offset.
pub fn instant(text: &str, without_zone: UtcOffset) -> Result<OffsetDateTime, CarrierError> {
    with_zone(text).or_else(|| Some(plain(text)?.assume_offset(without_zone))).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        CarrierError::unknown(format!("a date that can't be read: {shown}"))
    })
}

fn with_zone(text: &str) -> Option<OffsetDateTime> {
    let compact =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second][offset_hour sign:mandatory][offset_minute]");
    OffsetDateTime::parse(text, &Rfc3339).or_else(|_| OffsetDateTime::parse(text, compact)).ok()
}

fn plain(text: &str) -> Option<PrimitiveDateTime> {
    let seconds = text.split('.').next()?.replacen('T', " ", 1);
    PrimitiveDateTime::parse(&seconds, format_description!("[year]-[month]-[day] [hour]:[minute]:[second]")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn a_line_that_ends_at_midnight_was_valid_the_day_before() {
        let end = datetime!(2026-11-30 16:00 UTC);
        assert_eq!(last_day(end, "Asia/Shanghai").unwrap(), date!(2026 - 11 - 30));
        assert_eq!(last_day(end + time::Duration::SECOND, "Asia/Shanghai").unwrap(), date!(2026 - 12 - 01));
        assert_eq!(last_day(end, "UTC").unwrap(), date!(2026 - 11 - 30));
    }

    #[test]
    fn reads_the_ways_carriers_write() {
        let at = datetime!(2026-11-30 16:00 UTC);
        for text in [
            "2026-11-30T16:00:00Z",
            "2026-11-30T16:00:00+0000",
            "2026-12-01T00:00:00+08:00",
            "2026-11-30 16:00:00",
            "2026-11-30T16:00:00.000000",
        ] {
            assert_eq!(instant(text, UtcOffset::UTC).unwrap(), at, "{text}");
        }
        for text in ["", "soon", "2026-02-30T00:00:00Z", "2026-11-30", "٢٠٢٦-11-30 16:00:00", "é"] {
            assert!(instant(text, UtcOffset::UTC).is_err(), "{text}");
        }
    }
}
