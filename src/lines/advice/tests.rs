use super::*;
use crate::units::GB;
use time::macros::date;

const TODAY: Date = date!(2026 - 11 - 22);

fn question(standing: Standing, effect: Effect) -> Question {
    let days = match standing {
        Standing::Soon(days) | Standing::Fine(days) => days,
        Standing::Lapsed(days) => -days,
        _ => 0,
    };
    let until = calendar::add_days(TODAY, days).unwrap();
    let days_left = days.max(0);
    let data = Data::Bytes(5 * GB);
    Question { standing, until, days_left, data, pace: None, effect, order_open: false, next_start: None }
}

#[test]
fn the_end_date_and_the_effect_decide() {
    use Effect::*;
    use Standing::*;
    for (standing, effect, key) in [
        (Soon(3), Queue, "advice-queue"),
        (Soon(7), Stack, "advice-stack"),
        (Soon(3), Max, "advice-max"),
        (Soon(3), Restart, "advice-restart-wait"),
        (Soon(3), Roll, "advice-roll-wait"),
        (Soon(3), Replace, "advice-replace-wait"),
        (Soon(2), Restart, "advice-soon"),
        (Soon(1), Roll, "advice-soon"),
        (Fine(20), Queue, "advice-fine"),
        (Fine(20), Stack, "advice-fine"),
        (Fine(20), Replace, "advice-replace-wait"),
        (Today, Restart, "advice-today"),
        (Today, Queue, "advice-today"),
        (Lapsed(1), Queue, "advice-lapsed"),
        (Lapsed(91), Queue, "advice-lapsed-late"),
        (Suspended, Stack, "advice-suspended"),
        (NotStarted(date!(2026 - 12 - 01)), Queue, "advice-fine"),
    ] {
        assert_eq!(question(standing, effect).answer().key(), key, "{standing:?} {effect}");
    }
}

#[test]
fn waiting_says_what_an_early_renewal_costs() {
    let advice = question(Standing::Fine(22), Effect::Roll).answer();
    assert!(advice.is_wait());
    assert_eq!(
        advice.words(TODAY, Lang::En),
        "Better wait: renewing starts again now and costs you 22 days. Your data is carried over."
    );
}

#[test]
fn data_that_ends_before_the_term_does_is_worth_renewing_where_that_brings_some() {
    let fast = Some(Pace { bytes: 10 * GB, days: 10 });
    let slow = Some(Pace { bytes: GB, days: 10 });
    for (effect, left, pace, expected) in [
        (Effect::Stack, 2 * GB, fast, "advice-low-data"),
        (Effect::Restart, 2 * GB, fast, "advice-low-data-loses"),
        (Effect::Replace, 0, None, "advice-low-data-loses"),
        (Effect::Stack, 0, None, "advice-no-data"),
        (Effect::Queue, 2 * GB, fast, "advice-low-data-queue"),
        (Effect::Queue, 0, None, "advice-low-data-queue"),
        (Effect::Stack, 2 * GB, slow, "advice-fine"),
        (Effect::Stack, 4 * GB, fast, "advice-fine"),
        (Effect::Stack, 2 * GB, None, "advice-fine"),
    ] {
        let asked = Question { data: Data::Bytes(left), pace, ..question(Standing::Fine(20), effect) };
        assert_eq!(asked.answer().key(), expected, "{effect} {left} {pace:?}");
    }
    // It lasts two days, and so does the term.
    let ends_with_it = Question { data: Data::Bytes(2 * GB), pace: fast, ..question(Standing::Soon(1), Effect::Stack) };
    assert_eq!(ends_with_it.answer().key(), "advice-stack");
    let unlimited = Question { data: Data::Unlimited, ..question(Standing::Fine(20), Effect::Queue) };
    assert_eq!(unlimited.answer().key(), "advice-unlimited");
    let due_anyway = Question { data: Data::Bytes(0), ..question(Standing::Soon(3), Effect::Queue) };
    assert_eq!(due_anyway.answer().key(), "advice-queue");
    let hours = Question { data: Data::Bytes(GB / 2), pace: fast, ..question(Standing::Fine(20), Effect::Stack) };
    assert_eq!(hours.answer(), Advice::DataLow { days: 1 });
}

#[test]
fn what_is_paid_for_already_is_not_sold_again() {
    let start = date!(2026 - 11 - 26);
    let low = Question { data: Data::Bytes(0), ..question(Standing::Fine(95), Effect::Queue) };
    assert_eq!(low.answer().key(), "advice-low-data-queue");
    let renewed = Question { next_start: Some(start), ..low }.answer();
    assert_eq!(renewed, Advice::Renewed { start });
    assert!(renewed.is_quiet());
    assert_eq!(renewed.words(TODAY, Lang::Zh).replace('\u{a0}', " "), "已续费，新流量 11 月 26 日开始。");
    let lapsed = Question { next_start: Some(start), ..question(Standing::Lapsed(1), Effect::Queue) };
    assert_eq!(lapsed.answer(), Advice::Lapsed);
}

#[test]
fn an_open_order_comes_before_all_else() {
    let asked = Question { order_open: true, ..question(Standing::Lapsed(3), Effect::Stack) };
    assert_eq!(asked.answer(), Advice::OrderOpen);
}

#[test]
fn every_answer_has_words_in_both_languages() {
    let (end, start) = (TODAY, TODAY);
    let mut all = vec![Advice::OrderOpen, Advice::Suspended, Advice::Lapsed, Advice::LapsedLong, Advice::LastDay];
    all.extend([
        Advice::CloseToEnd { days: 1 },
        Advice::DataLow { days: 2 },
        Advice::DataUsedUp,
        Advice::DataLowAtTheCostOf { days: 1 },
        Advice::DataLowUntil { start },
        Advice::Renewed { start },
    ]);
    all.extend([Advice::NoHurry, Advice::NoHurryUnlimited]);
    all.extend(Effect::ALL.map(|effect| Advice::Wait { effect, days: 2 }));
    all.extend([Effect::Stack, Effect::Queue, Effect::Max].map(|effect| Advice::NothingLost { effect, end, start }));
    for advice in all {
        for language in Lang::ALL {
            assert!(!advice.words(TODAY, language).is_empty(), "{advice:?}");
        }
    }
}
