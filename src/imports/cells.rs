//! One cell's text into what it means. An error says what the operator should do about it.

use time::{Date, Duration, Month, macros::date};

use crate::accounts::email::EmailAddress;
use crate::numbers::half_width;

/// Days are counted from here by spreadsheets (the 1900 system, whose leap-year slip lies before it matters).
const SPREADSHEET_DAY_ZERO: Date = date!(1899 - 12 - 30);
const PLAUSIBLE_YEARS: std::ops::RangeInclusive<i32> = 2000..=2099;

/// `2026-11-22`, `2026/9/16`, `2026年7月21日`, or the bare day number a spreadsheet keeps.
pub fn date(text: &str) -> Result<Date, String> {
    let text = half_width(text);
    let text = without_midnight(text.trim());
    if text.is_empty() {
        return Err("is empty; a date such as 2026-11-22 is expected".into());
    }
    let date = if text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok().and_then(|days| SPREADSHEET_DAY_ZERO.checked_add(Duration::days(days)))
    } else {
        year_first(text)
    };
    match date {
        Some(date) if PLAUSIBLE_YEARS.contains(&date.year()) => Ok(date),
        Some(_) => Err("lies outside the years 2000 to 2099".into()),
        None => Err("is no date, or one that can be read two ways; write it as 2026-11-22".into()),
    }
}

fn without_midnight(text: &str) -> &str {
    match text.split_once([' ', 'T']) {
        Some((date, "00:00" | "0:00" | "00:00:00" | "0:00:00")) => date,
        _ => text,
    }
}

fn year_first(text: &str) -> Option<Date> {
    let text = text.replace(['年', '月'], "-");
    let parts: Vec<&str> = text.trim_end_matches('日').split(['-', '/', '.']).collect();
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    if year.len() != 4 {
        return None;
    }
    let number = |part: &str| part.trim().parse::<u8>().ok();
    let month = Month::try_from(number(month)?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, number(day)?).ok()
}

pub fn kind(text: &str) -> Result<&'static str, String> {
    let text = half_width(text).trim().to_lowercase().replace([' ', '-'], "_");
    match text.as_str() {
        "fm_card" | "fmcard" | "fm" | "fm卡" => Ok("fm_card"),
        "esim" | "e_sim" | "esim卡" => Ok("esim"),
        _ => Err("is neither fm_card (FM卡) nor esim".into()),
    }
}

pub fn status(text: &str) -> Result<&'static str, String> {
    match text.to_lowercase().as_str() {
        "" | "active" | "正常" => Ok("active"),
        "suspended" | "停机" | "已停机" => Ok("suspended"),
        "terminated" | "销户" | "已销户" => Ok("terminated"),
        _ => Err("is none of active (正常), suspended (停机), terminated (销户)".into()),
    }
}

pub fn language(text: &str) -> Result<&'static str, String> {
    match text.to_lowercase().replace('_', "-").as_str() {
        "" | "zh" | "zh-cn" | "zh-hans" | "中文" => Ok("zh-CN"),
        "en" | "en-gb" | "en-us" | "英文" | "english" => Ok("en"),
        _ => Err("is neither zh-CN nor en".into()),
    }
}

/// A whole count; an empty cell is `None`.
pub fn count(text: &str) -> Result<Option<i32>, String> {
    let text = half_width(text);
    match text.trim() {
        "" => Ok(None),
        text => match text.parse::<i32>() {
            Ok(count) if count >= 0 => Ok(Some(count)),
            Ok(_) => Err("must not be negative".into()),
            Err(_) => Err("is not a whole number".into()),
        },
    }
}

/// Free text of at most `longest` characters, kept as it is: what a spreadsheet would run as a
/// formula is defused where files are written, not here.
pub fn text(text: &str, longest: usize) -> Result<String, String> {
    let length = text.chars().count();
    if text.chars().any(char::is_control) {
        Err("has line breaks or control characters in it".into())
    } else if length > longest {
        Err(format!("has {length} characters; {longest} are the most"))
    } else {
        Ok(text.to_owned())
    }
}

pub fn needed(text: &str, longest: usize) -> Result<String, String> {
    if text.is_empty() { Err("is empty".into()) } else { self::text(text, longest) }
}

pub fn email(text: &str) -> Result<EmailAddress, String> {
    let parsed = EmailAddress::parse(text);
    parsed.ok_or_else(|| if text.is_empty() { "is empty".into() } else { "is not an email address".into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dates_as_operators_write_them() {
        for (text, expected) in [
            ("2026-11-22", date!(2026 - 11 - 22)),
            ("2026/9/16", date!(2026 - 09 - 16)),
            ("2026.9.16", date!(2026 - 09 - 16)),
            ("2026年7月21日", date!(2026 - 07 - 21)),
            ("２０２６年７月２１日", date!(2026 - 07 - 21)),
            ("46245", date!(2026 - 08 - 11)),
            ("36526", date!(2000 - 01 - 01)),
            ("2026-11-22 00:00:00", date!(2026 - 11 - 22)),
            ("2026/11/22 0:00", date!(2026 - 11 - 22)),
            ("2028-02-29", date!(2028 - 02 - 29)),
        ] {
            assert_eq!(super::date(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_dates_that_are_none_or_two() {
        for text in [
            "",
            "31/02/2026",
            "03/04/2026",
            "2026-02-30",
            "2027-02-29",
            "2026-13-01",
            "2026-11",
            "26-11-22",
            "tomorrow",
            "20261122",
            "99999",
            "00001",
            "1899-12-31",
            "2026-11-22 13:00",
            "-2026-11-22",
            "2026--22",
            "２/3/2026",
        ] {
            assert!(super::date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_kinds_in_both_languages() {
        for text in ["fm_card", "FM卡", "ＦＭ卡", "FM card", "fm-card"] {
            assert_eq!(kind(text), Ok("fm_card"), "{text}");
        }
        for text in ["esim", "eSIM", "eSIM卡"] {
            assert_eq!(kind(text), Ok("esim"), "{text}");
        }
        assert!(kind("sim").is_err() && kind("").is_err());
    }

    #[test]
    fn keeps_text_that_looks_like_a_formula() {
        assert_eq!(text("=1+1", 60), Ok("=1+1".to_owned()));
        assert_eq!(text("+客户", 60), Ok("+客户".to_owned()));
        assert!(text("two\nlines", 60).is_err());
        assert!(text(&"长".repeat(61), 60).is_err());
    }

    #[test]
    fn counts_only_whole_things() {
        assert_eq!(count(""), Ok(None));
        assert_eq!(count("１2"), Ok(Some(12)));
        assert!(count("-1").is_err() && count("1.5").is_err() && count("99999999999").is_err());
    }
}
