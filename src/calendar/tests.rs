use proptest::prelude::*;
use time::macros::{date, datetime};

use super::*;

const ZONES: [&str; 7] = [
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Pacific/Apia",
    "UTC",
];

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn dates() -> impl Strategy<Value = Date> {
    let first = date!(1900 - 01 - 01).to_julian_day();
    let last = date!(2200 - 12 - 31).to_julian_day();
    (first..=last).prop_map(|day| Date::from_julian_day(day).unwrap())
}

#[test]
fn takes_only_names_of_zones() {
    assert_eq!(zone("asia/shanghai").name(), "Asia/Shanghai");
    for name in ["", "Mars/Olympus", "+08:00", "CST6CDT4", "Etc/Unknown", "../etc/passwd"] {
        assert_eq!(Zone::parse(name), Err(CalendarError::UnknownZone), "{name}");
    }
}

#[test]
fn a_day_begins_and_ends_where_the_customer_lives() {
    for (name, day, start, end) in [
        ("Asia/Shanghai", date!(2026 - 11 - 25), datetime!(2026-11-24 16:00 UTC), datetime!(2026-11-25 16:00 UTC)),
        ("Asia/Kathmandu", date!(2026 - 11 - 25), datetime!(2026-11-24 18:15 UTC), datetime!(2026-11-25 18:15 UTC)),
        // 23 hours and 25 hours.
        ("Europe/Berlin", date!(2026 - 03 - 29), datetime!(2026-03-28 23:00 UTC), datetime!(2026-03-29 22:00 UTC)),
        ("Europe/Berlin", date!(2026 - 10 - 25), datetime!(2026-10-24 22:00 UTC), datetime!(2026-10-25 23:00 UTC)),
        ("America/New_York", date!(2026 - 03 - 08), datetime!(2026-03-08 05:00 UTC), datetime!(2026-03-09 04:00 UTC)),
        // Clocks went from 00:00 to 01:00: the day had no midnight.
        ("America/Sao_Paulo", date!(2018 - 11 - 04), datetime!(2018-11-04 03:00 UTC), datetime!(2018-11-05 02:00 UTC)),
        // Samoa went from 29 to 31 December.
        ("Pacific/Apia", date!(2011 - 12 - 29), datetime!(2011-12-29 10:00 UTC), datetime!(2011-12-30 10:00 UTC)),
        ("Pacific/Apia", date!(2011 - 12 - 30), datetime!(2011-12-30 10:00 UTC), datetime!(2011-12-30 10:00 UTC)),
    ] {
        assert_eq!(start_of_day(day, &zone(name)), start, "{name} {day}");
        assert_eq!(end_of_day(day, &zone(name)), end, "{name} {day}");
    }
}

#[test]
fn clocks_show_local_time() {
    let now = datetime!(2026-11-22 18:20 UTC);
    for (name, day, shown) in [
        ("Asia/Shanghai", date!(2026 - 11 - 23), "02:20"),
        ("Asia/Kathmandu", date!(2026 - 11 - 23), "00:05"),
        ("Europe/Berlin", date!(2026 - 11 - 22), "19:20"),
        ("America/New_York", date!(2026 - 11 - 22), "13:20"),
    ] {
        assert_eq!(today(now, &zone(name)), day, "{name}");
        assert_eq!(clock_time(local(now, &zone(name))), shown, "{name}");
    }
}

#[test]
fn months_keep_their_anchor_day() {
    for (from, months, anchor, expected) in [
        (date!(2026 - 01 - 31), 1, 31, Ok(date!(2026 - 02 - 28))),
        (date!(2026 - 02 - 28), 1, 31, Ok(date!(2026 - 03 - 31))),
        (date!(2026 - 01 - 31), 2, 31, Ok(date!(2026 - 03 - 31))),
        (date!(2028 - 01 - 31), 1, 31, Ok(date!(2028 - 02 - 29))),
        (date!(2028 - 02 - 29), 12, 29, Ok(date!(2029 - 02 - 28))),
        (date!(2029 - 02 - 28), 36, 29, Ok(date!(2032 - 02 - 29))),
        (date!(2026 - 11 - 26), 1, 26, Ok(date!(2026 - 12 - 26))),
        (date!(2026 - 12 - 05), 1, 5, Ok(date!(2027 - 01 - 05))),
        (date!(2026 - 03 - 31), -1, 31, Ok(date!(2026 - 02 - 28))),
        (date!(2026 - 01 - 31), 1, 0, Err(CalendarError::AnchorDay)),
        (date!(2026 - 01 - 31), 1, 32, Err(CalendarError::AnchorDay)),
        (date!(9999 - 12 - 01), 1, 1, Err(CalendarError::OutOfRange)),
        (Date::MAX, i32::MAX, 1, Err(CalendarError::OutOfRange)),
        (Date::MIN, i32::MIN, 1, Err(CalendarError::OutOfRange)),
    ] {
        assert_eq!(add_months(from, months, anchor), expected, "{from} {months}");
    }
}

#[test]
fn the_ends_of_the_calendar_refuse_or_hold_still() {
    assert_eq!(add_days(Date::MAX, 1), Err(CalendarError::OutOfRange));
    assert_eq!(add_days(Date::MAX, i64::MAX), Err(CalendarError::OutOfRange));
    assert_eq!(add_days(Date::MIN, i64::MIN), Err(CalendarError::OutOfRange));
    for name in ZONES {
        for day in [Date::MIN, Date::MAX] {
            let start = start_of_day(day, &zone(name));
            end_of_day(day, &zone(name));
            today(start, &zone(name));
        }
    }
}

#[test]
fn dates_are_written_as_each_language_does() {
    let day = date!(2026 - 11 - 25);
    assert_eq!(long_date(day, Lang::En), "25\u{a0}Nov 2026");
    assert_eq!(long_date(day, Lang::Zh), "2026 年 11\u{a0}月\u{a0}25\u{a0}日");
    for (today, lang, text) in [
        (date!(2026 - 01 - 01), Lang::En, "25\u{a0}Nov"),
        (date!(2026 - 01 - 01), Lang::Zh, "11\u{a0}月\u{a0}25\u{a0}日"),
        (date!(2027 - 01 - 01), Lang::En, "25\u{a0}Nov 2026"),
        (date!(2025 - 12 - 31), Lang::Zh, "2026 年 11\u{a0}月\u{a0}25\u{a0}日"),
    ] {
        assert_eq!(short_date(day, today, lang), text);
    }
    assert_eq!(clock_time(datetime!(2026-11-25 14:05:59)), "14:05");
}

proptest! {
    #[test]
    fn an_instant_lies_within_its_own_day(day in dates(), second in 0i64..86_400, name in proptest::sample::select(&ZONES[..])) {
        let zone = zone(name);
        let now = day.midnight().assume_utc() + Duration::seconds(second);
        let here = today(now, &zone);
        prop_assert!(start_of_day(here, &zone) <= now);
        prop_assert!(now < end_of_day(here, &zone));
    }

    #[test]
    fn a_day_starts_on_itself_and_ends_with_the_next(day in dates(), name in proptest::sample::select(&ZONES[..])) {
        let zone = zone(name);
        let (start, end) = (start_of_day(day, &zone), end_of_day(day, &zone));
        prop_assert_eq!(end, start_of_day(day.next_day().unwrap(), &zone));
        if start == end {
            prop_assert_eq!((name, day), ("Pacific/Apia", date!(2011 - 12 - 30)));
        } else {
            prop_assert_eq!(today(start, &zone), day);
            prop_assert_eq!(today(end - Duration::NANOSECOND, &zone), day);
            prop_assert!(today(end, &zone) > day);
        }
    }

    #[test]
    fn single_months_reach_where_many_at_once_do(start in dates(), months in 0i32..240) {
        let anchor = start.day();
        let mut stepped = start;
        for _ in 0..months {
            stepped = add_months(stepped, 1, anchor).unwrap();
            prop_assert_eq!(stepped.day(), anchor.min(days_in_month(stepped.month(), stepped.year())));
        }
        prop_assert_eq!(stepped, add_months(start, months, anchor).unwrap());
    }

    #[test]
    fn days_between_undoes_adding_days(day in dates(), days in -50_000i64..50_000) {
        prop_assert_eq!(days_between(day, add_days(day, days).unwrap()), days);
    }
}
