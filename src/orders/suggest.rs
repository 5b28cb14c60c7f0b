//! Which plan suits a line, and why.

use crate::lines::pace::Pace;
use crate::money::{Currency, Money};
use crate::plans::effect::Effect;
use crate::plans::model::Plan;
use crate::plans::term::Term;
use crate::units::Data;

/// Nobody is advised to bind themselves for longer than a quarter.
const LONGEST_MONTHS: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The cheapest that gives what the line uses: so many bytes a month.
    Pace(i64),
    /// The plan the line has gives what it uses; nobody is talked out of it.
    Enough(i64),
    SameAsNow,
    Cheapest,
}

/// The plan to suggest, by its place in `plans`.
pub fn suggest(plans: &[Plan], current: &str, pace: Option<Pace>) -> Option<(usize, Reason)> {
    let now = plans.iter().position(|plan| plan.code == current);
    // Prices of two currencies can't be held against each other.
    let currency = plans.get(now.unwrap_or(0))?.price.currency;
    let places = now.map(|now| plans[now].coverage.as_slice()).unwrap_or_default();
    let covers = |plan: &Plan| {
        plan.coverage.iter().any(|code| code == "*") || places.iter().all(|code| plan.coverage.contains(code))
    };
    let cheapest = |wanted: &dyn Fn(&Plan) -> bool| {
        let compares =
            |plan: &Plan| plan.price.currency == currency && has_a_monthly_price(plan) && is_short(plan.term);
        let fit = plans.iter().enumerate().filter(|(_, plan)| compares(plan) && covers(plan) && wanted(plan));
        fit.filter_map(|(at, plan)| Some((per_month(plan)?, at))).min().map(|(_, at)| at)
    };
    let by_use = pace.map(|pace| pace.a_month()).and_then(|bytes| match now.filter(|now| gives(&plans[*now], bytes)) {
        Some(now) => Some((now, Reason::Enough(bytes))),
        None => Some((cheapest(&|plan| gives(plan, bytes))?, Reason::Pace(bytes))),
    });
    by_use.or(now.map(|now| (now, Reason::SameAsNow))).or_else(|| Some((cheapest(&|_| true)?, Reason::Cheapest)))
}

/// What its price comes to a month, in minor units.
fn per_month(plan: &Plan) -> Option<i64> {
    plan.term.per_month(plan.price).ok().map(|money| money.minor)
}

/// Credit is used up as fast as its holder likes, so its price means nothing per month.
pub fn has_a_monthly_price(plan: &Plan) -> bool {
    plan.effect != Effect::Max
}

fn is_short(term: Term) -> bool {
    let (months, parts) = term.months();
    months <= LONGEST_MONTHS * parts
}

/// Whether the plan's data, spread over its term, is `bytes` a month or more.
fn gives(plan: &Plan, bytes: i64) -> bool {
    let (months, parts) = plan.term.months();
    match plan.allowance.data {
        Data::Unlimited => true,
        Data::Bytes(given) => i128::from(given) * i128::from(parts) >= i128::from(bytes) * i128::from(months),
        Data::None => false,
    }
}

/// The month other prices of the currency are held against: the cheapest plan of one month, or of thirty days where there is none.
pub fn cheapest_month(plans: &[Plan], currency: Currency) -> Option<(Term, Money)> {
    let of = |term: Term| {
        plans
            .iter()
            .filter(|plan| plan.term == term && plan.price.currency == currency && has_a_monthly_price(plan))
            .min_by_key(|plan| plan.price.minor)
    };
    of(Term::Months(1)).or_else(|| of(Term::Days(30))).map(|plan| (plan.term, plan.price))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans::allowance::Allowance;
    use crate::units::GB;

    fn plan(code: &str, term: Term, gigabytes: i64, yuan: i64) -> Plan {
        Plan {
            code: code.into(),
            carrier: "cmcc".into(),
            kinds: vec!["esim".into()],
            name_zh: code.into(),
            name_en: code.into(),
            term,
            allowance: Allowance { data: Data::Bytes(gigabytes * GB), ..Allowance::default() },
            coverage: vec!["CN".into()],
            price: Money::new(yuan * 100, Currency::Cny),
            effect: Effect::Queue,
            carrier_product: code.into(),
            withdrawn: false,
        }
    }

    fn catalogue() -> Vec<Plan> {
        vec![
            plan("WEEK", Term::Days(7), 1, 15),
            plan("M10", Term::Months(1), 10, 39),
            plan("M30", Term::Months(1), 30, 69),
            plan("Q30", Term::Months(3), 30, 105),
            plan("Y120", Term::Months(12), 120, 388),
        ]
    }

    #[test]
    fn the_cheapest_that_is_enough_and_binds_no_longer_than_a_quarter() {
        let uses = |gigabytes| Some(Pace { bytes: gigabytes * GB, days: 30 });
        let suggested = |pace, current| {
            suggest(&catalogue(), current, pace).map(|(at, reason)| (catalogue()[at].code.clone(), reason))
        };
        assert_eq!(suggested(uses(8), "M10"), Some(("M10".into(), Reason::Enough(8 * GB))));
        assert_eq!(suggested(uses(8), "WEEK"), Some(("Q30".into(), Reason::Pace(8 * GB))));
        assert_eq!(suggested(uses(20), "M10"), Some(("M30".into(), Reason::Pace(20 * GB))));
        // More than anything gives: then what they have.
        assert_eq!(suggested(uses(90), "M30"), Some(("M30".into(), Reason::SameAsNow)));
        assert_eq!(suggested(None, "M10"), Some(("M10".into(), Reason::SameAsNow)));
        assert_eq!(suggested(None, "GONE"), Some(("Q30".into(), Reason::Cheapest)));
        assert_eq!(suggest(&[], "M10", None), None);
    }

    #[test]
    fn prices_of_two_currencies_are_not_compared() {
        let mut plans = catalogue();
        plans[3].price = Money::new(1, Currency::Kwd);
        let (at, _) = suggest(&plans, "M10", Some(Pace { bytes: 20 * GB, days: 30 })).unwrap();
        assert_eq!(plans[at].code, "M30");
    }

    #[test]
    fn a_line_that_roams_is_not_sent_home() {
        let mut plans = catalogue();
        plans[1].coverage = vec!["CN".into(), "HK".into()];
        let more_than_it_has = Some(Pace { bytes: 20 * GB, days: 30 });
        assert_eq!(suggest(&plans, "M10", more_than_it_has), Some((1, Reason::SameAsNow)));
    }

    #[test]
    fn credit_is_not_compared_by_the_month() {
        let mut plans = catalogue();
        plans[1].effect = Effect::Max;
        plans[3].effect = Effect::Max;
        assert_eq!(cheapest_month(&plans, Currency::Cny).unwrap().1.minor, 6_900);
        let (at, _) = suggest(&plans, "WEEK", Some(Pace { bytes: 8 * GB, days: 30 })).unwrap();
        assert_eq!(plans[at].code, "M30");
    }

    #[test]
    fn prices_are_held_against_the_cheapest_month() {
        assert_eq!(cheapest_month(&catalogue(), Currency::Cny).unwrap().1.minor, 3_900);
        assert_eq!(cheapest_month(&catalogue()[..1], Currency::Cny), None);
        assert_eq!(cheapest_month(&catalogue(), Currency::Kwd), None);
    }
}
