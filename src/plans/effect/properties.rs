//! What holds for every line, plan and day between 1900 and 2200.

use proptest::prelude::*;
use time::macros::date;

use super::Effect::*;
use super::*;
use crate::calendar::add_months;
use crate::plans::term::Term::{Days, Months};

fn days() -> impl Strategy<Value = Date> {
    let first = date!(1900 - 01 - 01).to_julian_day();
    let last = date!(2200 - 12 - 31).to_julian_day();
    (first..=last).prop_map(|day| Date::from_julian_day(day).unwrap())
}

fn terms() -> impl Strategy<Value = Term> {
    prop_oneof![(1u32..=400).prop_map(Days), (1u32..=36).prop_map(Months)]
}

fn allowances() -> impl Strategy<Value = Allowance> {
    let data = prop_oneof![Just(Data::Unlimited), Just(Data::None), (0i64..=1 << 50).prop_map(Data::Bytes)];
    let count = || proptest::option::of(0i64..10_000);
    (data, count(), count()).prop_map(|(data, minutes, sms)| Allowance { data, minutes, sms })
}

/// A line somewhere around its end, and the day it is looked at.
fn lines() -> impl Strategy<Value = (Date, LineTerm)> {
    (days(), -400i64..400, 0i64..800, 1u8..=31, allowances()).prop_map(|(today, ends_in, length, anchor, left)| {
        let until = calendar::add_days(today, ends_in).unwrap();
        let from = calendar::add_days(until, -length).unwrap();
        let validity = Some(Validity { from, until, anchor_day: anchor });
        (today, LineTerm { validity, left })
    })
}

/// A line in the middle of its term, and the day it is looked at.
fn running_lines() -> impl Strategy<Value = (Date, LineTerm)> {
    (days(), 0i64..400, 0i64..400, 1u8..=31, allowances()).prop_map(|(today, started, ends_in, anchor, left)| {
        let from = calendar::add_days(today, -started).unwrap();
        let until = calendar::add_days(today, ends_in).unwrap();
        let validity = Some(Validity { from, until, anchor_day: anchor });
        (today, LineTerm { validity, left })
    })
}

fn plans() -> impl Strategy<Value = PlanTerm> {
    (terms(), allowances()).prop_map(|(term, allowance)| PlanTerm { term, allowance, below_minimum: false })
}

fn effects() -> impl Strategy<Value = Effect> {
    proptest::sample::select(&Effect::ALL[..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn single_months_end_where_many_at_once_do(start in days(), months in 1u32..60) {
        let first = Validity::starting(start, start.day(), Months(1)).unwrap();
        let month = PlanTerm { term: Months(1), allowance: Allowance::default(), below_minimum: false };
        let mut stepped = LineTerm { validity: Some(first), left: Allowance::default() };
        for _ in 0..months {
            let seen = preview(Queue, start, &stepped, &month).unwrap();
            let Preview { from, until, anchor_day, .. } = seen;
            prop_assert_eq!(seen.effective_from, stepped.validity.unwrap().boundary().unwrap());
            stepped.validity = Some(Validity { from, until, anchor_day });
        }
        let whole = first.extended(Months(months)).unwrap();
        prop_assert_eq!(stepped.validity, Some(whole));
        prop_assert_eq!(whole.anchor_day, start.day());
        let boundary = add_months(start, months as i32 + 1, start.day());
        prop_assert_eq!(whole.boundary(), boundary);
    }

    #[test]
    fn no_renewal_ends_before_it_begins((today, line) in lines(), plan in plans(), effect in effects()) {
        let seen = preview(effect, today, &line, &plan).unwrap();
        prop_assert!(seen.until >= today);
        prop_assert!(seen.effective_from >= today);
        prop_assert!(seen.effective_from <= seen.until);
        prop_assert!(seen.from <= seen.until);
        prop_assert!((1..=31).contains(&seen.anchor_day));
    }

    #[test]
    fn adding_effects_never_take_anything((today, line) in lines(), plan in plans(), effect in proptest::sample::select(vec![Stack, Queue, Max])) {
        let seen = preview(effect, today, &line, &plan).unwrap();
        prop_assert!(seen.until >= line.validity.unwrap().until);
        prop_assert!(seen.gained_days >= 0);
        prop_assert!(seen.lost.is_nothing());
    }

    #[test]
    fn a_lapsed_line_starts_anew_by_any_effect((today, mut line) in lines(), plan in plans(), effect in effects(), gone in 1i64..400, known: bool) {
        let until = calendar::add_days(today, -gone).unwrap();
        line.validity = known.then_some(Validity { from: until, until, anchor_day: 31 });
        let seen = preview(effect, today, &line, &plan).unwrap();
        let fresh = Validity::starting(today, today.day(), plan.term).unwrap();
        prop_assert_eq!((seen.effective_from, seen.from), (today, today));
        prop_assert_eq!((seen.until, seen.anchor_day), (fresh.until, fresh.anchor_day));
        prop_assert_eq!(seen.allowance_after, plan.allowance);
        prop_assert_eq!(seen.allowance_queued, None);
        prop_assert!(seen.lost.is_nothing());
        prop_assert_eq!(seen.gained_days, fresh.days_left(today));
    }

    #[test]
    fn every_byte_is_kept_queued_or_named_as_lost((today, mut line) in running_lines(), mut plan in plans(), effect in effects(), left in 0i64..1 << 50, bought in 0i64..1 << 50) {
        line.left.data = Data::Bytes(left);
        plan.allowance.data = Data::Bytes(bought);
        let seen = preview(effect, today, &line, &plan).unwrap();
        let queued = seen.allowance_queued.and_then(|queued| queued.data.bytes()).unwrap_or(0);
        let lost = seen.lost.data.bytes().unwrap_or(0);
        prop_assert_eq!(seen.allowance_after.data.bytes().unwrap() + queued + lost, left + bought);
    }

    #[test]
    fn every_day_paid_for_is_served_or_named_as_lost((today, line) in running_lines(), plan in plans(), effect in proptest::sample::select(vec![Stack, Restart, Roll, Queue, Replace])) {
        let current = line.validity.unwrap();
        let seen = preview(effect, today, &line, &plan).unwrap();
        let starts = if matches!(effect, Stack | Queue) { current.boundary().unwrap() } else { today };
        let bought = match plan.term {
            Days(days) => i64::from(days),
            Months(_) => calendar::days_between(starts, seen.until) + 1,
        };
        prop_assert_eq!(seen.gained_days + seen.lost.days, bought);
    }
}
