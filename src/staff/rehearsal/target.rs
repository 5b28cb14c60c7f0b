//! How far the clock is asked to go.

use crate::calendar::{self, Zone};
use time::{Duration, OffsetDateTime};

/// More at once would be a slip of the finger.
pub const MOST_DAYS: i64 = 366;

/// Read from the form's button; `None` for what none of the buttons says.
pub fn span(forward: &str, days: Option<&str>, now: OffsetDateTime, zone: &Zone) -> Option<Duration> {
    match forward {
        "hour" => Some(Duration::HOUR),
        "day" => Some(Duration::DAY),
        "week" => Some(Duration::WEEK),
        "next-month" => until_next_month(now, zone),
        "days" => {
            let days: i64 = crate::numbers::half_width(days?).trim().parse().ok()?;
            (1..=MOST_DAYS).contains(&days).then(|| Duration::days(days))
        }
        _ => None,
    }
}

/// To nine in the morning of the first day of the next month, when most terms have just ended.
fn until_next_month(now: OffsetDateTime, zone: &Zone) -> Option<Duration> {
    let first = calendar::add_months(calendar::today(now, zone), 1, 1).ok()?;
    let nine = calendar::start_of_day(first, zone) + Duration::hours(9);
    // Seconds are whole: one more, so as not to stop a moment before.
    Some(Duration::seconds((nine - now).whole_seconds() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn goes_where_the_button_says() {
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        let now = datetime!(2026-12-31 20:00 UTC);
        let to = |forward, days| span(forward, days, now, &zone).map(|span| now + span);
        assert_eq!(to("hour", None), Some(datetime!(2026-12-31 21:00 UTC)));
        assert_eq!(to("days", Some("３")), Some(datetime!(2027-01-03 20:00 UTC)));
        // It is already the first of January in Shanghai.
        assert_eq!(to("next-month", None), Some(datetime!(2027-02-01 1:00:01 UTC)));
        for days in ["0", "-1", "367", "", "1e9", "x"] {
            assert_eq!(to("days", Some(days)), None, "{days}");
        }
        assert_eq!((to("days", None), to("back", None)), (None, None));
    }
}
