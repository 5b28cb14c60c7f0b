use super::*;
use crate::ids::{AccountId, LineId};
use crate::money::{Currency, Money};
use crate::plans::allowance::Allowance;
use time::macros::{date, datetime};

const NOON: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

fn held() -> Watched {
    let line = Line {
        id: LineId::new(),
        account_id: AccountId::new(),
        kind: "esim".into(),
        carrier: "roamia".into(),
        iccid: "8986001234567890123".into(),
        msisdn: None,
        carrier_line_id: None,
        eid: None,
        activation_code: None,
        confirmation_code: None,
        installed: None,
        installed_as_of: None,
        label: String::new(),
        plan: "P30".into(),
        status: "active".into(),
        time_zone: "Asia/Shanghai".into(),
        valid_from: date!(2026 - 11 - 01),
        valid_until: date!(2026 - 11 - 30),
        anchor_day: 1,
        data_unlimited: false,
        data_total_bytes: Some(10_000),
        data_left_bytes: Some(4_000),
        minutes_left: Some(20),
        sms_left: None,
        usage_as_of: NOON - Duration::HOUR,
        asked_at: None,
        carrier_balance_minor: None,
        carrier_balance_currency: None,
    };
    Watched { line, version: 3, sync_failures: 0, renewed_at: None, renewed_by: None, renewed_until: None }
}

fn usage(as_of: OffsetDateTime) -> Usage {
    let data = |bytes| Some(Allowance { data: Data::Bytes(bytes), ..Allowance::default() });
    Usage {
        as_of,
        state: Some(LineState::Active),
        total: data(10_000),
        left: data(3_000),
        valid_until: Some(date!(2026 - 12 - 30)),
        balance: None,
        installed: None,
    }
}

fn weight(held: &Watched, usage: &Usage, under_way: bool, lag: Duration) -> Weight {
    weigh(held, held, usage, under_way, lag)
}

#[test]
fn a_figure_from_before_what_is_known_says_nothing() {
    let line = held();
    let earlier = usage(line.line.usage_as_of - Duration::SECOND);
    assert_eq!(weight(&line, &earlier, false, Duration::ZERO), Weight::Nothing);
    assert_eq!(weight(&line, &usage(line.line.usage_as_of), false, Duration::ZERO), Weight::Whole);
}

#[test]
fn what_was_written_down_while_the_carrier_was_asked_stays() {
    let (asked, mut now) = (held(), held());
    now.version += 1;
    assert_eq!(weigh(&asked, &now, &usage(NOON), false, Duration::ZERO), Weight::Nothing);
}

#[test]
fn a_renewal_under_way_is_not_anticipated() {
    assert_eq!(weight(&held(), &usage(NOON), true, Duration::ZERO), Weight::StateOnly);
}

#[test]
fn figures_that_may_be_older_than_the_renewal_must_show_it() {
    let renewed = Watched { renewed_at: Some(NOON - Duration::minutes(90)), ..held() };
    let lag = Duration::hours(2);
    assert_eq!(weight(&renewed, &usage(NOON), false, lag), Weight::StateOnly);
    assert_eq!(weight(&renewed, &usage(NOON), false, Duration::HOUR), Weight::Whole);
    let shown = Usage { valid_until: Some(renewed.line.valid_until), ..usage(NOON) };
    assert_eq!(weight(&renewed, &shown, false, lag), Weight::Whole);
    let silent = Usage { valid_until: None, ..usage(NOON) };
    assert_eq!(weight(&renewed, &silent, false, lag), Weight::StateOnly);
}

#[test]
fn takes_what_is_said_and_keeps_the_rest() {
    let line = held().line;
    let balance = Some(Money::new(1_250, Currency::parse("HKD").unwrap()));
    let said = Usage { state: Some(LineState::Suspended), balance, ..usage(NOON) };
    let whole = after(&line, &said, Weight::Whole, NOON);
    assert_eq!((whole.valid_until, whole.anchor_day), (date!(2026 - 12 - 30), 31));
    assert_eq!((whole.data_left_bytes, whole.minutes_left), (Some(3_000), Some(20)));
    assert_eq!((whole.status.as_str(), whole.carrier_balance_minor), ("suspended", Some(1_250)));
    let state = after(&line, &said, Weight::StateOnly, NOON);
    assert_eq!((state.valid_until, state.data_left_bytes), (line.valid_until, line.data_left_bytes));
    assert_eq!((state.status.as_str(), state.usage_as_of), ("suspended", line.usage_as_of));
    assert_eq!(after(&line, &said, Weight::Nothing, NOON), line);
}

#[test]
fn clocks_apart_and_strange_figures_do_no_harm() {
    let line = held().line;
    let data = |data| Some(Allowance { data, minutes: Some(i64::MAX), sms: Some(-3) });
    let ahead = Usage { left: data(Data::Bytes(-5)), valid_until: Some(date!(2020 - 01 - 01)), ..usage(NOON) };
    let ahead = Usage { as_of: NOON + Duration::DAY, ..ahead };
    let odd = after(&line, &ahead, Weight::Whole, NOON);
    assert_eq!(odd.usage_as_of, NOON);
    assert_eq!((odd.data_left_bytes, odd.minutes_left, odd.sms_left), (Some(0), Some(i32::MAX), Some(0)));
    assert_eq!((odd.valid_from, odd.valid_until), (date!(2020 - 01 - 01), date!(2020 - 01 - 01)));
    let unlimited = Usage { left: data(Data::Unlimited), total: None, ..usage(NOON) };
    let unlimited = after(&line, &unlimited, Weight::Whole, NOON);
    assert_eq!((unlimited.data_unlimited, unlimited.data_left_bytes), (true, None));
    let last = Usage { valid_until: Some(time::Date::MAX), ..usage(NOON) };
    assert_eq!(after(&line, &last, Weight::Whole, NOON).valid_until, line.valid_until);
}

#[test]
fn a_carrier_that_counts_nothing_takes_nothing_away() {
    let nothing = Some(Allowance { data: Data::Bytes(0), ..Allowance::default() });
    let counts_nothing = Usage { left: nothing, total: nothing, ..usage(NOON) };
    let unlimited = Line { data_unlimited: true, data_total_bytes: None, data_left_bytes: None, ..held().line };
    let without = Line { data_unlimited: false, ..unlimited.clone() };
    for line in [unlimited, without] {
        let after = after(&line, &counts_nothing, Weight::Whole, NOON);
        assert_eq!((after.data_unlimited, after.data_left_bytes), (line.data_unlimited, None));
    }
    let some = Some(Allowance { data: Data::Bytes(1_000), ..Allowance::default() });
    let used_up = after(&held().line, &Usage { left: nothing, total: some, ..usage(NOON) }, Weight::Whole, NOON);
    assert_eq!((used_up.data_left_bytes, used_up.data_total_bytes), (Some(0), Some(1_000)));
}

#[test]
fn lapsed_is_a_matter_of_days() {
    for (state, was, is) in [
        (LineState::New, "active", "new"),
        (LineState::Depleted, "suspended", "active"),
        (LineState::Expired, "active", "active"),
        (LineState::Expired, "new", "new"),
        (LineState::Expired, "suspended", "active"),
        (LineState::Ended, "active", "terminated"),
    ] {
        assert_eq!(status(state, was), is, "{state:?} {was}");
    }
}

#[test]
fn whether_it_is_on_a_device_is_taken_from_whoever_said_it_last() {
    let told = Usage { installed: Some(true), ..usage(NOON) };
    let line = held().line;
    assert_eq!(after(&line, &told, Weight::StateOnly, NOON).installed, Some(true));
    let reissued = Line { installed: Some(false), installed_as_of: Some(NOON + Duration::SECOND), ..line };
    assert_eq!(after(&reissued, &told, Weight::Whole, NOON).installed, Some(false), "the old profile was on a device");
    let later = Usage { installed: Some(true), ..usage(NOON + Duration::MINUTE) };
    assert_eq!(after(&reissued, &later, Weight::Whole, NOON + Duration::HOUR).installed, Some(true));
}
