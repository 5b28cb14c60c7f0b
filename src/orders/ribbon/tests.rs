use super::*;
use crate::plans::allowance::Allowance;
use crate::plans::effect::{self, LineTerm, PlanTerm};
use crate::plans::term::Term;
use crate::plans::validity::Validity;
use proptest::prelude::*;
use time::macros::date;

const TODAY: Date = date!(2026 - 11 - 22);

fn change(effect: Effect, before_until: Date, term: Term) -> Change {
    let validity =
        Validity { from: before_until.saturating_sub(time::Duration::days(40)), until: before_until, anchor_day: 1 };
    let line = LineTerm { validity: Some(validity), left: Allowance::default() };
    let plan = PlanTerm { term, allowance: Allowance::default(), below_minimum: false };
    let preview = effect::preview(effect, TODAY, &line, &plan).unwrap();
    Change::previewed(effect, TODAY, before_until, &preview)
}

fn draw(change: Change) -> String {
    let ribbon = Ribbon::draw(&change, change.days_shown());
    let part = |name: &str, part: Option<Part>| {
        part.map_or(String::new(), |part| format!(" {name} {}+{}", part.x, part.width))
    };
    let seam = ribbon.seam.map_or(String::new(), |seam| format!(" seam {seam}"));
    let parts = [
        part("left", ribbon.left),
        part("new", ribbon.new),
        part("covered", ribbon.covered),
        part("lost", ribbon.lost),
    ]
    .concat();
    format!("today {}{parts}{seam}", ribbon.today)
}

#[test]
fn each_effect_has_its_picture() {
    // Ten days are left, today included; thirty are bought.
    let until = date!(2026 - 12 - 01);
    let kept = "today 0% left 0%+25% new 25%+75% seam 25%";
    let given_up = "today 0% new 0%+100% covered 0%+33.33%";
    for (effect, expected) in [
        (Effect::Stack, kept),
        (Effect::Queue, kept),
        (Effect::Max, "today 0% left 0%+33.33% new 33.33%+66.67% seam 33.33%"),
        (Effect::Restart, given_up),
        (Effect::Roll, given_up),
        (Effect::Replace, given_up),
    ] {
        assert_eq!(draw(change(effect, until, Term::Days(30))), expected, "{effect}");
    }
}

#[test]
fn days_beyond_a_nearer_end_are_shown_as_lost() {
    let until = date!(2026 - 12 - 11);
    assert_eq!(draw(change(Effect::Replace, until, Term::Days(5))), "today 0% new 0%+25% covered 0%+25% lost 25%+75%");
    assert_eq!(draw(change(Effect::Max, until, Term::Days(5))), "today 0% left 0%+100%");
}

#[test]
fn a_lapsed_line_starts_today_whatever_the_effect() {
    for effect in Effect::ALL {
        assert_eq!(draw(change(effect, date!(2026 - 11 - 11), Term::Days(30))), "today 25% new 25%+75%", "{effect}");
        assert_eq!(draw(change(effect, date!(2020 - 01 - 01), Term::Days(30))), "today 25% new 25%+75%", "{effect}");
    }
}

#[test]
fn plans_side_by_side_share_a_scale() {
    let month = change(Effect::Stack, TODAY, Term::Days(30));
    let ribbon = Ribbon::draw(&month, 310);
    assert_eq!(ribbon.left.unwrap().width.to_string(), "2%");
    assert_eq!(ribbon.new.unwrap().width.to_string(), "8%");
}

proptest! {
    #[test]
    fn every_part_can_be_seen_and_lies_within_the_bar(
        effect in prop::sample::select(Effect::ALL.to_vec()),
        left in -4_000i64..4_000,
        days in 1u32..3_660,
        shown in 0i64..20_000,
    ) {
        let until = calendar::add_days(TODAY, left).unwrap();
        let ribbon = Ribbon::draw(&change(effect, until, Term::Days(days)), shown);
        let parts = [ribbon.left, ribbon.new, ribbon.covered, ribbon.lost];
        for part in parts.into_iter().flatten() {
            prop_assert!(part.x.0 >= 0 && part.width.0 >= THINNEST && part.x.0 + part.width.0 <= WHOLE);
        }
        let solid: i64 = [ribbon.left, ribbon.new, ribbon.lost].into_iter().flatten().map(|part| part.width.0).sum();
        prop_assert!(solid <= WHOLE);
        prop_assert!((0..=WHOLE).contains(&ribbon.today.0));
        prop_assert!(ribbon.left.is_some() || ribbon.new.is_some());
    }
}
