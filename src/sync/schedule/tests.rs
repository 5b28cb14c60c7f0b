use super::*;
use crate::carriers::settings;
use crate::carriers::{Facts, Idempotency, LineState, RefundRule, Search};
use crate::clock::Clock;
use time::macros::datetime;

const NOON: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

fn limits(lag_minutes: u64, per_line_minutes: u64, per_minute: u32) -> UsageLimits {
    let minutes = |minutes| StdDuration::from_secs(minutes * 60);
    UsageLimits { lag: minutes(lag_minutes), per_line: minutes(per_line_minutes), per_minute }
}

/// How a million lines of an operator stand on an ordinary day.
const MILLION: [(Class, u64); 7] = [
    (Class::JustRenewed, 30_000),
    (Class::Ending, 90_000),
    (Class::LowOnData, 80_000),
    (Class::InUse, 640_000),
    (Class::Suspended, 20_000),
    (Class::Lapsed, 60_000),
    (Class::LongLapsed, 80_000),
];

#[test]
fn who_needs_it_is_asked_after_sooner() {
    let wanted = Class::ALL.map(Class::wanted);
    assert!(wanted.is_sorted(), "{wanted:?}");
    assert!(Class::ALL.map(Class::rank).is_sorted());
}

#[test]
fn never_sooner_than_the_carrier_allows() {
    for class in Class::ALL {
        for limits in [limits(0, 1, 600), limits(180, 20, 480), limits(0, 15, 60), limits(60 * 24 * 60, 1, 6)] {
            for chance in [0, 128, 255] {
                let waits = next(class, &limits, chance, NOON) - NOON;
                let interval = class.interval(&limits);
                assert!(waits >= span(limits.per_line), "{class:?} {limits:?}: {waits}");
                assert!(
                    waits >= interval * 7 / 8 - Duration::SECOND && waits <= interval * 9 / 8,
                    "{class:?}: {waits}"
                );
            }
        }
    }
}

#[test]
fn what_was_asked_together_does_not_stay_together() {
    let limits = limits(0, 1, 600);
    let times: std::collections::BTreeSet<_> =
        (0..=255).map(|chance| next(Class::InUse, &limits, chance, NOON)).collect();
    assert_eq!(times.len(), 256);
    let spread = *times.last().unwrap() - *times.first().unwrap();
    assert!(spread > Duration::hours(5), "{spread}");
}

#[test]
fn failures_are_asked_after_ever_later_and_for_ever() {
    let limits = limits(0, 1, 600);
    let waits = |failures| (after_failure(Class::Ending, &limits, failures, 0, NOON) - NOON).whole_minutes();
    assert_eq!([0, 1, 2, 5, 9, 1_000].map(waits), [5, 10, 20, 160, 1_440, 1_440]);
}

#[test]
fn the_urgent_go_first_and_nobody_waits_for_ever() {
    assert_eq!(shares(80, [100, 100, 100]), [60, 10, 10]);
    assert_eq!(shares(80, [5, 100, 0]), [5, 75, 0]);
    assert_eq!(shares(80, [0, 3, 200]), [0, 3, 77]);
    assert_eq!(shares(2, [9, 9, 9]), [2, 0, 0]);
    assert_eq!(shares(1, [0, 0, 9]), [0, 0, 1]);
    assert_eq!(shares(0, [1, 1, 1]), [0, 0, 0]);
}

#[test]
fn a_round_leaves_room_for_people() {
    assert_eq!(room(&limits(0, 1, 600), Duration::seconds(10)), 80);
    assert_eq!(room(&limits(0, 1, 6), Duration::seconds(10)), 1);
}

#[test]
fn a_million_lines_stay_within_every_limit() {
    for per_minute in [6, 60, 480, 600, 6_000] {
        let limits = limits(0, 1, per_minute);
        let forecast = forecast(&MILLION, &limits);
        let a_day: u64 = forecast.iter().map(|row| row.a_day).sum();
        assert!(a_day <= u64::from(per_minute) * 1_440, "{per_minute} a minute: {a_day} a day");
        assert!(forecast.iter().all(|row| row.interval >= row.class.interval(&limits)));
    }
}

/// One carrier of each protocol.
const EACH: &str = r#"
    [airalo]
    name_zh = "-"
    name_en = "-"
    airalo = { client_id = "-", client_secret = "-" }
    [esim_access]
    name_zh = "-"
    name_en = "-"
    esim_access = { access_code = "-", secret_key = "-" }
    [esim_go]
    name_zh = "-"
    name_en = "-"
    esim_go = { api_key = "-" }
    [dt_one]
    name_zh = "-"
    name_en = "-"
    dt_one = { api_key = "-", api_secret = "-" }
    [one_global]
    name_zh = "-"
    name_en = "-"
    one_global = { client_id = "-", client_secret = "-", country = "GB" }
    [tm_forum]
    name_zh = "-"
    name_en = "-"
    tm_forum = { address = "http://127.0.0.1:1", renew_by = "product_order", token = "-" }
    [simulator]
    name_zh = "-"
    name_en = "-"
    simulator = { address = "http://127.0.0.1:1" }
"#;

#[test]
fn the_guide_tells_what_a_million_lines_come_to() {
    let configured = settings::read(EACH, &Clock::real()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/carriers/README.md")).unwrap();
    let mut missing = vec![];
    for code in configured.carriers.codes() {
        let facts = configured.carriers.get(code).unwrap().carrier.facts();
        let row = row(facts.protocol, &facts.usage);
        if !guide.contains(&row) {
            missing.push(row);
        }
    }
    assert!(missing.is_empty(), "docs/carriers/README.md lacks:\n{}", missing.join("\n"));
}

fn row(protocol: &str, limits: &UsageLimits) -> String {
    let forecast = forecast(&MILLION, limits);
    let intervals: Vec<String> = forecast.iter().map(|row| told(row.interval)).collect();
    let a_day: u64 = forecast.iter().map(|row| row.a_day).sum();
    let percent = a_day * 100 / (u64::from(limits.per_minute) * 1_440);
    format!(
        "| {protocol} | {} | {} | {} | {} | {a_day} | {percent} % |",
        told(span(limits.lag)),
        told(span(limits.per_line)),
        limits.per_minute,
        intervals.join(" | ")
    )
}

fn told(length: Duration) -> String {
    match length.whole_minutes() {
        0 => "none".to_owned(),
        minutes @ 1..120 => format!("{minutes} min"),
        minutes @ 120..2_880 => format!("{} h", (minutes + 30) / 60),
        minutes => format!("{} d", (minutes + 720) / 1_440),
    }
}

#[test]
fn the_guide_tells_what_each_protocol_can_do() {
    let configured = settings::read(EACH, &Clock::real()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/carriers/README.md")).unwrap();
    let rows = configured.carriers.codes().map(|code| can_do(configured.carriers.get(code).unwrap().carrier.facts()));
    let missing: Vec<_> = rows.filter(|row| !guide.contains(row)).collect();
    assert!(missing.is_empty(), "docs/carriers/README.md lacks:\n{}", missing.join("\n"));
}

fn can_do(facts: &Facts) -> String {
    let twice = match facts.idempotency {
        Idempotency::ByRequestId => "done once",
        Idempotency::None => "done twice",
    };
    let found = match facts.search {
        Search::ByRequestId => "request id".to_owned(),
        Search::ByDifference { settled_after } => format!("what is new, after {} min", settled_after.as_secs() / 60),
    };
    let yes = |is: bool| if is { "yes" } else { "no" };
    let most = facts.max_top_ups.map_or("no limit".to_owned(), |most| most.to_string());
    let when: Vec<_> = facts.renewable.iter().map(|state| state_told(*state)).collect();
    let back = match facts.refund {
        RefundRule::Never => "never".to_owned(),
        RefundRule::OnRequest => "on request".to_owned(),
        RefundRule::UnusedWithin { days } => format!("within {days} days"),
    };
    let effect = facts.effect.map_or("by product", |effect| effect.as_str());
    let (dry_run, two_step) = (yes(facts.dry_run), yes(facts.two_step));
    let (protocol, when) = (facts.protocol, when.join(", "));
    format!("| {protocol} | {twice} | {found} | {dry_run} | {two_step} | {most} | {when} | {effect} | {back} |")
}

fn state_told(state: LineState) -> &'static str {
    match state {
        LineState::New => "new",
        LineState::Active => "active",
        LineState::Depleted => "used up",
        LineState::Suspended => "suspended",
        LineState::Expired => "expired",
        LineState::Ended => "ended",
    }
}
