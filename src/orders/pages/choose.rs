use super::plan_card::{self, Offer, PlanCard};
use crate::lines::pace::Pace;
use crate::lines::words;
use crate::orders::filter::{self, Filter};
use crate::orders::queries::overview::HeldLine;
use crate::orders::suggest;
use crate::paths;
use crate::plans::model::Plan;
use crate::web::Ctx;
use askama::Template;
use time::OffsetDateTime;

/// Plans on one page; more are a link away.
const PAGE: usize = 12;

#[derive(Template)]
#[template(path = "orders/choose.html")]
pub struct ChoosePage {
    pub ctx: Ctx,
    number: String,
    line_path: String,
    /// What keeps this line from being renewed, or why the visitor is back here.
    pub problem: Option<&'static str>,
    /// Where the line can be resumed.
    to_resume: Option<String>,
    can_choose: bool,
    open_order: Option<String>,
    filters: Vec<Chips>,
    count: usize,
    on_sale: usize,
    plans: Vec<PlanCard>,
    clear_path: String,
    page: usize,
    pages: usize,
    earlier: Option<String>,
    later: Option<String>,
}

struct Chips {
    label: &'static str,
    chips: Vec<Chip>,
}

struct Chip {
    path: String,
    words: &'static str,
    is_current: bool,
}

/// What the address asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    pub filter: Filter,
    /// From one.
    pub page: usize,
}

/// What is sold for a line, and the carrier's products of which nothing can be had for now.
pub struct OnSale {
    pub plans: Vec<Plan>,
    pub withheld: Vec<String>,
    /// The line is about to be suspended, and its carrier will take no renewal.
    pub suspending: bool,
}

impl OnSale {
    fn withholds(&self, plan: &Plan) -> bool {
        self.withheld.contains(&plan.carrier_product)
    }
}

impl ChoosePage {
    pub fn new(ctx: Ctx, held: &HeldLine, on_sale: &OnSale, wanted: Wanted, now: OffsetDateTime) -> Self {
        let line = &held.line;
        let offers = offers(held, on_sale, &ctx, now);
        let plans = on_sale.plans.as_slice();
        let shown: Vec<_> = offers.into_iter().filter(|offer| wanted.filter.takes(offer.plan)).collect();
        let days_shown = shown.iter().map(|offer| offer.change.days_shown()).max().unwrap_or(0);
        let pages = shown.len().div_ceil(PAGE).max(1);
        let page = wanted.page.clamp(1, pages);
        let cards = shown.iter().skip((page - 1) * PAGE).take(PAGE);
        let card = |offer: &Offer<'_>| {
            let month = suggest::cheapest_month(plans, offer.plan.price.currency);
            PlanCard::new(offer, line, days_shown, month, ctx.language)
        };
        let to = |page: usize| address(held, wanted.filter, page);
        Self {
            number: words::number(line.msisdn.as_deref(), &line.iccid),
            line_path: paths::line(line.id),
            problem: match on_sale.suspending {
                true => Some(ctx.t("renew-suspending")),
                false => (!line.takes_renewals()).then(|| ctx.t("advice-suspended")),
            },
            to_resume: (on_sale.suspending || line.status == "suspended").then(|| paths::line_control(line.id)),
            can_choose: line.takes_renewals() && !on_sale.suspending && held.open_order().is_none(),
            open_order: held.open_order().map(paths::order),
            filters: filters(held, plans, wanted.filter, &ctx),
            count: shown.len(),
            on_sale: plans.len(),
            plans: cards.map(card).collect(),
            clear_path: paths::renew(line.id),
            page,
            pages,
            earlier: (page > 1).then(|| to(page - 1)),
            later: (page < pages).then(|| to(page + 1)),
            ctx,
        }
    }
}

/// The suggested plan first, then the current one, then the rest as the catalogue has them, and last what is withheld.
fn offers<'a>(held: &HeldLine, on_sale: &'a OnSale, ctx: &Ctx, now: OffsetDateTime) -> Vec<Offer<'a>> {
    let current = held.line.plan.as_str();
    let sold: Vec<Plan> = on_sale.plans.iter().filter(|plan| !on_sale.withholds(plan)).cloned().collect();
    let suggested = suggest::suggest(&sold, current, Pace::of(&held.line));
    let suggested = suggested.map(|(at, reason)| (sold[at].code.as_str(), reason));
    let offer = |plan: &'a Plan| {
        let reason = suggested.filter(|(best, _)| *best == plan.code).map(|(_, reason)| reason);
        Some(Offer {
            plan,
            change: plan_card::change(&held.line, plan, now)?,
            tag: plan_card::tag(plan, current, reason, ctx.language),
            is_advised: reason.is_some(),
            is_withheld: on_sale.withholds(plan),
        })
    };
    let mut offers: Vec<_> = on_sale.plans.iter().filter_map(offer).collect();
    offers.sort_by_key(|offer| (offer.is_withheld, !offer.is_advised, offer.plan.code != current));
    offers
}

fn filters(held: &HeldLine, plans: &[Plan], chosen: Filter, ctx: &Ctx) -> Vec<Chips> {
    let chip = |filter: Filter, name: &str| Chip {
        path: address(held, filter, 1),
        words: ctx.t(&format!("renew-filter-{name}")),
        is_current: filter == chosen,
    };
    let mut terms = vec![chip(Filter { length: None, ..chosen }, "all")];
    terms.extend(
        filter::lengths(plans).into_iter().map(|length| chip(Filter { length: Some(length), ..chosen }, length.name())),
    );
    let mut places = vec![chip(Filter { reach: None, ..chosen }, "all")];
    places.extend(
        filter::reaches(plans).into_iter().map(|reach| chip(Filter { reach: Some(reach), ..chosen }, reach.name())),
    );
    let rows = [("renew-filter-term", terms), ("renew-filter-coverage", places)];
    let worth_asking = rows.into_iter().filter(|(_, chips)| chips.len() > 2);
    worth_asking.map(|(label, chips)| Chips { label: ctx.t(label), chips }).collect()
}

fn address(held: &HeldLine, filter: Filter, page: usize) -> String {
    let page = if page > 1 { format!("page={page}") } else { String::new() };
    let query: Vec<_> = [filter.query(), page].into_iter().filter(|part| !part.is_empty()).collect();
    let path = paths::renew(held.line.id);
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}
