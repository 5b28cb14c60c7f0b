//! How a carrier's offers are priced: a rule is written, changed and taken away.

use super::catalogue::{CataloguePage, named_carrier};
use super::wrong::Wrong;
use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::catalogue::{self, Rule};
use crate::decimal;
use crate::money::{Currency, Money};
use crate::paths;
use crate::plans::pricing::PricingRule;
use crate::staff::queries::catalogue as queries;
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Role, noted, unprocessable};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

/// Whoever adds more than this has typed a digit too much: 1000 %.
const MOST_MARKUP: i64 = 100_000;
const WHOLE: i64 = 10_000;

/// A rule as it is typed: percentages with up to two decimals, amounts in whole units of the price's currency.
#[derive(Deserialize, Default)]
pub struct Typed {
    #[serde(default)]
    pub carrier: String,
    #[serde(default)]
    pub cost_currency: String,
    #[serde(default)]
    pub currency: String,
    #[serde(default)]
    pub rate: String,
    #[serde(default)]
    pub markup: String,
    #[serde(default)]
    pub step: String,
    #[serde(default)]
    pub less: String,
    #[serde(default)]
    pub margin: String,
}

pub struct RuleText {
    pub carrier: String,
    pub text: String,
    pub change: String,
    pub remove: String,
}

pub(super) fn rule_text(ctx: &Ctx, carrier: &str, rule: &Rule) -> RuleText {
    let money = |minor| Money::new(minor, rule.currency).to_string();
    let typed = Typed::of(rule);
    let args = [
        ("cost", typed.cost_currency.into()),
        ("currency", typed.currency.into()),
        ("rate", typed.rate.into()),
        ("markup", typed.markup.into()),
        ("step", money(rule.pricing.step_minor).into()),
        ("less", money(rule.pricing.less_minor).into()),
        ("margin", typed.margin.into()),
    ];
    RuleText {
        carrier: carrier.to_owned(),
        text: ctx.ta("catalogue-rule", &args),
        change: paths::staff_pricing_change(&key(rule)),
        remove: paths::staff_pricing_remove(&key(rule)),
    }
}

/// What tells rules apart: `cucc.USD.CNY`.
fn key(rule: &Rule) -> String {
    format!("{}.{}.{}", rule.carrier, rule.cost_currency.code(), rule.currency.code())
}

pub(super) async fn find(pool: &PgPool, wanted: &str) -> sqlx::Result<Option<Rule>> {
    Ok(queries::rules(pool).await?.into_iter().find(|rule| key(rule) == wanted))
}

/// `POST /staff/catalogue/pricing`
pub async fn save(
    ctx: Ctx,
    staff: SignedInStaff,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Admin)?.actor();
    let mut wrong = Wrong::default();
    let known = queries::carriers(&app.pool).await?.iter().any(|carrier| carrier.code == typed.carrier);
    wrong.unless(known.then_some(()), "carrier", ctx.t("catalogue-carrier-wrong"));
    match typed.read(&ctx, &mut wrong).filter(|_| wrong.is_empty()) {
        Some(rule) => {
            catalogue::save_rule(&app.pool, actor, &rule, app.clock.now()).await?;
            Ok(noted(paths::STAFF_CATALOGUE, "priced"))
        }
        None => {
            let mut page = CataloguePage::of(ctx, &staff, &app.pool).await?;
            (page.wrong, page.pricing, page.pricing_open) = (wrong, typed, true);
            Ok(unprocessable(page))
        }
    }
}

impl Typed {
    pub(super) fn of(rule: &Rule) -> Self {
        let PricingRule { rate_millionths, markup_bp, step_minor, less_minor, minimum_margin_bp } = rule.pricing;
        let short =
            |value: i64, places| decimal::write(value, places).trim_end_matches('0').trim_end_matches('.').to_owned();
        let amount = |minor| Money::new(minor, rule.currency).amount();
        Self {
            carrier: rule.carrier.clone(),
            cost_currency: rule.cost_currency.code().to_owned(),
            currency: rule.currency.code().to_owned(),
            rate: short(rate_millionths, 6),
            markup: short(markup_bp.into(), 2),
            step: amount(step_minor),
            less: amount(less_minor),
            margin: short(minimum_margin_bp.into(), 2),
        }
    }

    /// The rule; where there is none, what is wrong at which field.
    fn read(&self, ctx: &Ctx, wrong: &mut Wrong) -> Option<Rule> {
        let cost =
            wrong.unless(Currency::parse(&self.cost_currency).ok(), "cost_currency", ctx.t("catalogue-currency-wrong"));
        let currency =
            wrong.unless(Currency::parse(&self.currency).ok(), "currency", ctx.t("catalogue-currency-wrong"));
        let rate = decimal::parse(self.rate.trim(), 6).ok().filter(|rate| *rate > 0);
        let rate = wrong.unless(rate, "rate", ctx.t("catalogue-rate-wrong"))?;
        let same = cost.is_some() && cost == currency;
        if same && rate != 1_000_000 {
            wrong.add("rate", ctx.t("catalogue-rate-same"));
        }
        let markup = self.markup(ctx, wrong);
        let margin = percent(&self.margin, WHOLE - 1);
        let margin = wrong.unless(margin, "margin", ctx.t("catalogue-margin-wrong"));
        let (step, less) = self.rounding(ctx, wrong, currency?);
        Some(Rule {
            carrier: self.carrier.clone(),
            cost_currency: cost?,
            currency: currency?,
            pricing: PricingRule {
                rate_millionths: rate,
                markup_bp: markup?,
                step_minor: step?,
                less_minor: less?,
                minimum_margin_bp: margin?,
            },
        })
    }

    fn markup(&self, ctx: &Ctx, wrong: &mut Wrong) -> Option<u32> {
        let why = match self.markup.trim().strip_prefix('-').map(|rest| decimal::parse(rest, 2)) {
            Some(Ok(_)) => ctx.t("catalogue-markup-negative"),
            _ => ctx.t("catalogue-markup-wrong"),
        };
        wrong.unless(percent(&self.markup, MOST_MARKUP), "markup", why)
    }

    fn rounding(&self, ctx: &Ctx, wrong: &mut Wrong, currency: Currency) -> (Option<i64>, Option<i64>) {
        let amount = |text: &str| Some(Money::parse(text.trim(), currency).ok()?.minor);
        let step = amount(&self.step).filter(|step| *step > 0);
        let step = wrong.unless(step, "step", ctx.t("catalogue-step-wrong"));
        let less = amount(&self.less).filter(|less| *less >= 0 && step.is_none_or(|step| *less < step));
        (step, wrong.unless(less, "less", ctx.t("catalogue-less-wrong")))
    }
}

fn percent(text: &str, most: i64) -> Option<u32> {
    decimal::parse(text.trim(), 2).ok().filter(|share| *share <= most).and_then(|share| u32::try_from(share).ok())
}

#[derive(Template)]
#[template(path = "staff/pricing_remove.html")]
struct RemovePage {
    ctx: Ctx,
    carrier: String,
    text: String,
    action: String,
}

/// `GET /staff/pricing/{rule}/remove`: nothing is done yet.
pub async fn confirm(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    Path(rule): Path<String>,
) -> Result<Response, PageError> {
    staff.at_least(Role::Admin)?;
    let rule = find(&pool, &rule).await?.ok_or(PageError::NotFound)?;
    let carrier = named_carrier(&queries::carriers(&pool).await?, &rule.carrier, ctx.language);
    let RuleText { carrier, text, remove, .. } = rule_text(&ctx, &carrier, &rule);
    Ok(Page(RemovePage { carrier, text, action: remove, ctx }).into_response())
}

/// `POST /staff/pricing/{rule}/remove`
pub async fn remove(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(rule): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Admin)?.actor();
    let rule = find(&app.pool, &rule).await?.ok_or(PageError::NotFound)?;
    let currencies = (rule.cost_currency, rule.currency);
    catalogue::remove_rule(&app.pool, actor, &rule.carrier, currencies, app.clock.now()).await?;
    Ok(noted(paths::STAFF_CATALOGUE, "unpriced"))
}
