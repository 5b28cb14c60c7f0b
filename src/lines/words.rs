//! A line in words: what pages and mails call it, and how it stands.

use super::model::{Line, Standing};
use crate::calendar::{self, Zone};
use crate::lang::Lang;
use crate::numbers::{Eid, Iccid, Msisdn};
use crate::units::{self, Data};
use time::{Date, OffsetDateTime};

/// What its holder knows it by: the number, else the end of its ICCID.
pub fn number(msisdn: Option<&str>, iccid: &str) -> String {
    match msisdn.map(Msisdn::parse) {
        Some(Ok(number)) => number.grouped(),
        _ => format!("ICCID …{}", &iccid[iccid.len().saturating_sub(4)..]),
    }
}

pub fn iccid(iccid: &str) -> String {
    Iccid::parse(iccid).map_or_else(|_| iccid.to_owned(), |iccid| iccid.grouped())
}

pub fn eid(eid: &str) -> String {
    let whole = Eid::parse(eid).map_or_else(|_| eid.to_owned(), |eid| eid.to_string());
    whole.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// `fm_card` and `esim` as people say them.
pub fn kind(line: &Line, language: Lang) -> &'static str {
    language.t(if line.is_esim() { "kind-esim" } else { "kind-fm-card" })
}

/// The mark beside the number: a word, and the colour that goes with it.
pub struct Mark {
    pub class: &'static str,
    pub words: String,
}

pub fn mark(line: &Line, now: OffsetDateTime, language: Lang) -> Mark {
    let days = |key, days: i64| language.ta(key, &[("days", days.into())]);
    let (class, words) = match line.standing(now) {
        Standing::Suspended => ("", language.t("mark-suspended").to_owned()),
        Standing::Lapsed(ago) => ("is-lapsed", days("mark-lapsed", ago)),
        Standing::Today => ("is-soon", language.t("mark-expires-today").to_owned()),
        Standing::Soon(left) => ("is-soon", days("mark-days-left", left)),
        Standing::Fine(left) => ("is-good", days("mark-days-left", left)),
        Standing::NotStarted(from) => {
            let date = calendar::short_date(from, line.today(now), language);
            ("", language.ta("mark-not-started", &[("date", date.into())]))
        }
    };
    Mark { class, words }
}

/// Whose clock it is: `Beijing time`, `北京时间`; a zone without a name of its own goes by its IANA name.
pub fn zone(zone: &Zone, language: Lang) -> String {
    let key = format!("zone-{}", zone.name().to_ascii_lowercase().replace(['/', '_'], "-"));
    match language.texts().has(&key) {
        true => language.t(&key).to_owned(),
        false => language.ta("common-zone-other", &[("zone", zone.name().into())]),
    }
}

/// `25 Nov, inclusive`
pub fn last_day(date: Date, today: Date, language: Lang) -> String {
    let words = language.ta("common-inclusive", &[("date", calendar::short_date(date, today, language).into())]);
    // A full-width bracket may begin a line of its own; a word joiner keeps it beside its date.
    words.replace('（', "\u{2060}（")
}

/// `26 Oct – 25 Nov, inclusive`
pub fn period(from: Date, until: Date, today: Date, language: Lang) -> String {
    format!("{} – {}", calendar::short_date(from, today, language), last_day(until, today, language))
}

/// How much of the data is left.
pub struct Meter {
    /// Of the bar; nothing to draw where the whole is not known.
    pub percent: Option<i64>,
    pub is_low: bool,
    pub words: String,
}

/// On a lapsed line what is left can't be used, so it is only told what was left.
pub fn meter(line: &Line, now: OffsetDateTime, language: Lang) -> Meter {
    let plain = |key| Meter { percent: None, is_low: false, words: language.t(key).to_owned() };
    let is_lapsed = line.validity().lapsed(line.today(now));
    match (line.left().data, line.data_total_bytes) {
        (Data::Unlimited | Data::None | Data::Bytes(0), _) if is_lapsed => plain("line-data-ended"),
        (Data::Bytes(left), _) if is_lapsed => {
            let words = language.ta("line-data-lapsed", &[("left", units::format_bytes(left).into())]);
            Meter { percent: None, is_low: false, words }
        }
        (Data::Unlimited, _) => plain("line-data-unlimited"),
        (Data::None, _) | (Data::Bytes(0), Some(0)) => plain("line-data-none"),
        (Data::Bytes(left), Some(total)) if total > 0 => measured(left, total, language),
        (Data::Bytes(left), _) => {
            let words = language.ta("line-data-only", &[("left", units::format_bytes(left).into())]);
            Meter { percent: None, is_low: left == 0, words }
        }
    }
}

fn measured(left: i64, total: i64, language: Lang) -> Meter {
    let percent =
        i64::try_from(i128::from(left) * 100 / i128::from(total)).unwrap_or(100).clamp(i64::from(left > 0), 100);
    let (left, total) = (units::format_bytes(left), units::format_bytes(total.max(left)));
    let words = language.ta("line-data-left", &[("left", left.into()), ("total", total.into())]);
    Meter { percent: Some(percent), is_low: percent < 20, words }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::GB;

    #[test]
    fn a_line_goes_by_its_number_or_the_end_of_its_card() {
        assert_eq!(number(Some("+8613800138100"), "89860012345678901238"), "138 0013 8100");
        assert_eq!(number(None, "89860012345678901238"), "ICCID …1238");
        assert_eq!(eid("89049032007108882600137544319616"), "8904 9032 0071 0888 2600 1375 4431 9616");
    }

    #[test]
    fn a_zone_has_the_name_people_know_it_by() {
        let named = |name, language| zone(&Zone::parse(name).unwrap(), language);
        assert_eq!(named("Asia/Shanghai", Lang::Zh), "北京时间");
        assert_eq!(named("Asia/Shanghai", Lang::En), "Beijing time");
        assert_eq!(named("America/New_York", Lang::Zh), "纽约时间");
        assert_eq!(named("Pacific/Chatham", Lang::Zh), "Pacific/Chatham 时间");
        assert_eq!(named("Pacific/Chatham", Lang::En), "Pacific/Chatham time");
        assert_eq!(zone(&Zone::utc(), Lang::En), "UTC");
    }

    #[test]
    fn the_meter_never_looks_fuller_or_emptier_than_it_is() {
        for (left, total, percent, is_low) in [
            (0, 10 * GB, 0, true),
            (1, 10 * GB, 1, true),
            (2 * GB, 10 * GB, 20, false),
            (10 * GB, 10 * GB, 100, false),
            (15 * GB, 10 * GB, 100, false),
        ] {
            let meter = measured(left, total, Lang::En);
            assert_eq!((meter.percent, meter.is_low), (Some(percent), is_low), "{left} of {total}");
        }
    }
}
