//! What each effect does, case by case.

use time::macros::{date, datetime};

use super::Effect::*;
use super::*;
use crate::calendar::{Zone, today};
use crate::plans::term::Term::{Days, Months};
use crate::units::GB;

fn gb(count: i64) -> Allowance {
    Allowance { data: Data::Bytes(count * GB), minutes: Some(100), sms: None }
}

fn line(from: Date, until: Date, anchor_day: u8) -> LineTerm {
    let validity = Validity { from, until, anchor_day };
    LineTerm { validity: Some(validity), left: gb(5) }
}

fn plan(term: Term) -> PlanTerm {
    PlanTerm { term, allowance: gb(10), below_minimum: false }
}

/// 26 Oct - 25 Nov, seen on 22 Nov with four days left.
const TODAY: Date = date!(2026 - 11 - 22);
fn running() -> LineTerm {
    line(date!(2026 - 10 - 26), date!(2026 - 11 - 25), 26)
}

#[test]
fn each_effect_moves_the_days_its_own_way() {
    let old = date!(2026 - 10 - 26);
    let next = date!(2026 - 11 - 26);
    for (effect, term, effective_from, from, until, anchor, gained) in [
        (Stack, Months(1), TODAY, old, date!(2026 - 12 - 25), 26, 30),
        (Stack, Days(28), TODAY, old, date!(2026 - 12 - 23), 24, 28),
        (Restart, Days(30), TODAY, TODAY, date!(2026 - 12 - 21), 22, 26),
        (Restart, Days(1), TODAY, TODAY, TODAY, 23, -3),
        (Roll, Months(1), TODAY, TODAY, date!(2026 - 12 - 21), 22, 26),
        (Queue, Months(1), next, old, date!(2026 - 12 - 25), 26, 30),
        (Queue, Months(12), next, old, date!(2027 - 11 - 25), 26, 365),
        (Replace, Days(90), TODAY, TODAY, date!(2027 - 02 - 19), 20, 86),
        (Max, Days(180), TODAY, old, date!(2027 - 05 - 20), 21, 176),
        (Max, Days(2), TODAY, old, date!(2026 - 11 - 25), 26, 0),
    ] {
        let seen = preview(effect, TODAY, &running(), &plan(term)).unwrap();
        assert_eq!((seen.effective_from, seen.from, seen.until), (effective_from, from, until), "{effect} {term}");
        assert_eq!((seen.anchor_day, seen.gained_days), (anchor, gained), "{effect} {term}");
        assert_eq!(seen.before, running().validity);
    }
}

#[test]
fn each_effect_treats_what_is_left_its_own_way() {
    let both = Allowance { data: Data::Bytes(15 * GB), minutes: Some(200), sms: None };
    let everything = Lost { data: Data::Bytes(5 * GB), minutes: 100, sms: 0, days: 4 };
    let days = Lost { days: 4, ..Lost::default() };
    for (effect, after, queued, lost) in [
        (Stack, both, None, Lost::default()),
        (Restart, gb(10), None, everything),
        (Roll, both, None, days),
        (Queue, gb(5), Some(gb(10)), Lost::default()),
        (Replace, gb(10), None, everything),
        (Max, both, None, Lost::default()),
    ] {
        let seen = preview(effect, TODAY, &running(), &plan(Months(1))).unwrap();
        assert_eq!((seen.allowance_after, seen.allowance_queued, seen.lost), (after, queued, lost), "{effect}");
    }
}

#[test]
fn unlimited_and_unknown_data_are_neither_summed_nor_invented() {
    use Data::{None, Unlimited};
    let five = Data::Bytes(5);
    for (effect, left, bought, after, lost) in [
        (Stack, Unlimited, five, Unlimited, None),
        (Stack, five, Unlimited, Unlimited, None),
        (Roll, None, five, five, None),
        (Max, five, None, five, None),
        (Restart, Unlimited, five, five, Unlimited),
        (Restart, five, Unlimited, Unlimited, None),
        (Restart, None, five, five, None),
        (Replace, Data::Bytes(0), five, five, None),
        (Replace, five, None, None, five),
    ] {
        let (mut line, mut plan) = (running(), plan(Days(30)));
        line.left = Allowance { data: left, ..Allowance::default() };
        plan.allowance.data = bought;
        let seen = preview(effect, TODAY, &line, &plan).unwrap();
        let shown = (seen.allowance_after.data, seen.lost.data);
        assert_eq!(shown, (after, lost), "{effect} {left:?} {bought:?}");
        assert_eq!((seen.lost.minutes, seen.lost.sms), (0, 0));
    }
}

#[test]
fn a_chain_from_31_january_comes_back_to_the_31st() {
    let mut now = Validity::starting(date!(2026 - 01 - 31), 31, Months(1)).unwrap();
    assert_eq!(now.until, date!(2026 - 02 - 27));
    for until in [date!(2026 - 03 - 30), date!(2026 - 04 - 29), date!(2026 - 05 - 30), date!(2026 - 06 - 29)] {
        now = now.extended(Months(1)).unwrap();
        assert_eq!((now.until, now.anchor_day), (until, 31));
    }
}

#[test]
fn an_anchor_the_boundary_does_not_bear_out_is_dropped() {
    for (until, anchor, expected_until, expected_anchor) in [
        // Granted three days: the boundary moved to the 29th.
        (date!(2026 - 11 - 28), 26, date!(2026 - 12 - 28), 29),
        (date!(2026 - 02 - 27), 31, date!(2026 - 03 - 30), 31),
        (date!(2026 - 02 - 27), 28, date!(2026 - 03 - 27), 28),
        (date!(2026 - 02 - 27), 15, date!(2026 - 03 - 27), 28),
    ] {
        let line = line(date!(2026 - 01 - 01), until, anchor);
        let seen = preview(Queue, date!(2026 - 02 - 01), &line, &plan(Months(1))).unwrap();
        assert_eq!((seen.until, seen.anchor_day), (expected_until, expected_anchor));
    }
}

#[test]
fn a_term_that_has_not_begun_loses_only_its_own_days() {
    let ahead = line(date!(2026 - 12 - 01), date!(2026 - 12 - 30), 1);
    let seen = preview(Restart, TODAY, &ahead, &plan(Days(30))).unwrap();
    assert_eq!((seen.from, seen.until), (TODAY, date!(2026 - 12 - 21)));
    assert_eq!((seen.lost.days, seen.gained_days), (30, -9));
}

#[test]
fn a_small_top_up_moves_no_day() {
    let small = PlanTerm { below_minimum: true, ..plan(Days(180)) };
    let seen = preview(Max, TODAY, &running(), &small).unwrap();
    assert_eq!((seen.until, seen.gained_days), (date!(2026 - 11 - 25), 0));
    assert_eq!(seen.allowance_after.data, Data::Bytes(15 * GB));
    let lapsed = line(date!(2026 - 10 - 01), date!(2026 - 10 - 31), 1);
    assert_eq!(preview(Max, TODAY, &lapsed, &small), Err(EffectError::BelowMinimum));
    assert!(preview(Stack, TODAY, &lapsed, &small).is_ok());
}

#[test]
fn the_same_instant_is_the_last_day_here_and_too_late_there() {
    let line = line(date!(2026 - 10 - 23), date!(2026 - 11 - 22), 23);
    let now = datetime!(2026-11-22 16:00 UTC);
    for (zone, starts, until) in [
        ("Europe/Berlin", date!(2026 - 11 - 23), date!(2026 - 12 - 22)),
        ("America/New_York", date!(2026 - 11 - 23), date!(2026 - 12 - 22)),
        ("Asia/Kathmandu", date!(2026 - 11 - 23), date!(2026 - 12 - 22)),
        ("Asia/Shanghai", date!(2026 - 11 - 23), date!(2026 - 12 - 22)),
    ] {
        let here = today(now, &Zone::parse(zone).unwrap());
        let seen = preview(Queue, here, &line, &plan(Months(1))).unwrap();
        assert_eq!((seen.effective_from, seen.until), (starts, until), "{zone}");
        let too_late = matches!(zone, "Asia/Shanghai");
        assert_eq!(seen.allowance_queued.is_none(), too_late, "{zone}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let far = line(date!(9999 - 01 - 01), Date::MAX, 1);
    for effect in Effect::ALL {
        let today = date!(9999 - 12 - 31);
        assert!(preview(effect, today, &far, &plan(Days(40))).is_err(), "{effect}");
        for term in [Days(0), Months(0)] {
            let seen = preview(effect, TODAY, &running(), &plan(term));
            assert_eq!(seen, Err(EffectError::EmptyTerm), "{effect}");
        }
        for term in [Days(u32::MAX), Months(u32::MAX)] {
            assert!(preview(effect, TODAY, &running(), &plan(term)).is_err());
        }
    }
    let mut full = running();
    full.left.data = Data::Bytes(i64::MAX);
    let seen = preview(Stack, TODAY, &full, &plan(Months(1)));
    assert_eq!(seen, Err(EffectError::AllowanceOutOfRange));
}

#[test]
fn names_are_the_stored_ones() {
    for effect in Effect::ALL {
        assert_eq!(Effect::parse(effect.as_str()), Ok(effect));
        let json = serde_json::to_string(&effect).unwrap();
        assert_eq!(json, format!("{:?}", effect.as_str()));
    }
    assert_eq!(Effect::parse("Stack"), Err(EffectError::UnknownEffect));
}
