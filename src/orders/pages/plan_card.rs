use super::ribbon::{RibbonView, effect_sentence};
use crate::countries;
use crate::lang::Lang;
use crate::lines::model::Line;
use crate::money::Money;
use crate::orders::renew;
use crate::orders::ribbon::Change;
use crate::orders::suggest::{self, Reason};
use crate::paths;
use crate::plans::effect::Effect;
use crate::plans::model::Plan;
use crate::plans::term::Term;
use crate::units::{self, Data};
use time::OffsetDateTime;

/// A plan beside others: what it gives, what it costs, and what buying it today would do to this line.
pub struct PlanCard {
    pub path: String,
    pub name: String,
    pub tag: Option<String>,
    pub is_advised: bool,
    /// It is not sold for now.
    pub is_withheld: bool,
    pub has: Vec<String>,
    pub price: String,
    pub price_note: String,
    pub ribbon: RibbonView,
    pub effect: String,
}

/// A plan with what it would do, so that all of a page can be drawn to one scale.
pub struct Offer<'a> {
    pub plan: &'a Plan,
    pub change: Change,
    pub tag: Option<String>,
    pub is_advised: bool,
    pub is_withheld: bool,
}

/// `None` for a plan whose effect on this line can't be told; it is not offered.
pub fn change(line: &Line, plan: &Plan, now: OffsetDateTime) -> Option<Change> {
    let preview = renew::preview(line, plan, now).ok()?;
    Some(Change::previewed(plan.effect, line.today(now), line.valid_until, &preview))
}

impl PlanCard {
    pub fn new(offer: &Offer<'_>, line: &Line, days_shown: i64, month: Option<(Term, Money)>, language: Lang) -> Self {
        let plan = offer.plan;
        Self {
            path: paths::review(line.id, &plan.code),
            name: plan.name(language).to_owned(),
            tag: offer.tag.clone(),
            is_advised: offer.is_advised,
            is_withheld: offer.is_withheld,
            has: contents(plan, language),
            price: plan.price.to_string(),
            price_note: price_note(plan, month, language),
            ribbon: RibbonView::among(&offer.change, days_shown, language),
            effect: effect_sentence(&offer.change, language),
        }
    }
}

pub fn tag(plan: &Plan, current: &str, advised: Option<Reason>, language: Lang) -> Option<String> {
    match advised {
        Some(Reason::Pace(bytes)) => {
            Some(language.ta("renew-advised-pace", &[("amount", units::format_bytes(bytes).into())]))
        }
        Some(Reason::Enough(bytes)) => {
            Some(language.ta("renew-advised-enough", &[("amount", units::format_bytes(bytes).into())]))
        }
        Some(Reason::SameAsNow) => Some(language.t("renew-advised-same").to_owned()),
        Some(Reason::Cheapest) => Some(language.t("renew-advised-price").to_owned()),
        None => (plan.code == current).then(|| language.t("renew-current").to_owned()),
    }
}

/// What is in a plan: credit, data, minutes, messages, where.
pub fn contents(plan: &Plan, language: Lang) -> Vec<String> {
    let count = |key, n: Option<i64>| n.filter(|n| *n > 0).map(|n| language.ta(key, &[("n", n.into())]));
    let data = match plan.allowance.data {
        Data::Unlimited => Some(language.t("has-data-unlimited").to_owned()),
        Data::Bytes(bytes) => Some(language.ta("has-data", &[("amount", units::format_bytes(bytes).into())])),
        Data::None => None,
    };
    // What is stored is what was paid.
    let credit =
        (plan.effect == Effect::Max).then(|| language.ta("has-credit", &[("amount", plan.price.to_string().into())]));
    let minutes = count("has-minutes", plan.allowance.minutes);
    let sms = count("has-sms", plan.allowance.sms);
    [credit, data, minutes, sms, Some(coverage(&plan.coverage, language))].into_iter().flatten().collect()
}

fn coverage(codes: &[String], language: Lang) -> String {
    let name = |code: &str| countries::name(code, language).map_or_else(|| code.to_owned(), str::to_owned);
    match codes {
        [] => String::new(),
        codes if codes.iter().any(|code| code == "*") => language.t("coverage-world").to_owned(),
        [one] => name(one),
        [first, ..] => language.ta("coverage-more", &[("first", name(first).into()), ("n", codes.len().into())]),
    }
}

pub fn term(term: Term, language: Lang) -> String {
    let key = match term {
        Term::Days(_) => "term-days",
        Term::Months(_) => "term-months",
    };
    language.ta(key, &[("n", term.count().into())])
}

/// `1 quarter · ¥35.00 a month · save 10%`
fn price_note(plan: &Plan, month: Option<(Term, Money)>, language: Lang) -> String {
    let mut parts = vec![term(plan.term, language)];
    if !suggest::has_a_monthly_price(plan) {
        return parts.concat();
    }
    if plan.term != Term::Months(1)
        && let Ok(amount) = plan.term.per_month(plan.price)
        && amount != plan.price
    {
        parts.push(language.ta("renew-price-month", &[("amount", amount.to_string().into())]));
    }
    if let Some(percent) = month.and_then(|month| plan.term.percent_saved(plan.price, month)) {
        parts.push(language.ta("renew-saves", &[("percent", percent.into())]));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_places_a_plan_covers() {
        let codes = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        for (covered, expected) in [
            (codes(&["CN"]), "Mainland China"),
            (codes(&["*"]), "Worldwide"),
            (codes(&["XX"]), "XX"),
            (codes(&["FR", "DE", "XX"]), "France and more, 3 countries and regions"),
        ] {
            assert_eq!(coverage(&covered, Lang::En), expected);
        }
    }
}
