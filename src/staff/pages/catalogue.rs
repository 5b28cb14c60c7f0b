//! What carriers sell: drafts to look at, how they are priced, and what keeps renewals from being sold.

use super::shown::{day_and_time, named};
use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::calendar::Zone;
use crate::catalogue::{self, KnownOffer, Rule};
use crate::decimal;
use crate::lang::Lang;
use crate::money::{Currency, Money};
use crate::paths;
use crate::plans::pricing::PricingRule;
use crate::staff::queries::catalogue::{self as queries, AlertRow, CarrierRow};
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Role, see_other, unprocessable};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

#[derive(Template)]
#[template(path = "staff/catalogue.html")]
struct CataloguePage {
    ctx: Ctx,
    note: Option<String>,
    alerts: Vec<Alert>,
    carriers: Vec<CarrierPart>,
    drafts: Vec<DraftRow>,
    rules: Vec<RuleText>,
    currencies: Vec<&'static str>,
    pricing: Pricing,
    pricing_error: Option<String>,
    may_change: bool,
}

struct Alert {
    title: String,
    detail: String,
    since: String,
}

struct CarrierPart {
    code: String,
    name: String,
    plans: i64,
    offers: i64,
    seen: Option<String>,
    fetch: String,
}

struct DraftRow {
    path: String,
    carrier: String,
    title: String,
    product: String,
    cost: String,
    price: String,
}

struct RuleText {
    carrier: String,
    text: String,
}

#[derive(Deserialize)]
pub struct Asked {
    note: Option<String>,
}

/// A rule as it is typed: percentages with up to two decimals, amounts in whole units of the price's currency.
#[derive(Deserialize, Default)]
pub struct Pricing {
    #[serde(default)]
    carrier: String,
    #[serde(default)]
    cost_currency: String,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    rate: String,
    #[serde(default)]
    markup: String,
    #[serde(default)]
    step: String,
    #[serde(default)]
    less: String,
    #[serde(default)]
    margin: String,
}

/// `GET /staff/catalogue`
pub async fn index(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, PageError> {
    let note = asked.note.and_then(|note| match note.as_str() {
        "published" => Some(ctx.t("catalogue-note-published").to_owned()),
        "dismissed" => Some(ctx.t("catalogue-note-dismissed").to_owned()),
        "priced" => Some(ctx.t("catalogue-note-priced").to_owned()),
        "fetched" => Some(ctx.t("catalogue-note-fetched").to_owned()),
        "silent" => Some(ctx.t("catalogue-note-silent").to_owned()),
        _ => None,
    });
    let page = CataloguePage::of(ctx, &staff, &pool).await?;
    Ok(Page(CataloguePage { note, ..page }))
}

impl CataloguePage {
    async fn of(ctx: Ctx, staff: &SignedInStaff, pool: &PgPool) -> Result<Self, PageError> {
        let (carriers, alerts) = (queries::carriers(pool).await?, queries::alerts(pool).await?);
        let (drafts, rules) = (catalogue::drafts(pool).await?, queries::rules(pool).await?);
        let (zone, language) = (staff.person.zone(), ctx.language);
        let name = |code: &str| named_carrier(&carriers, code, language);
        Ok(Self {
            note: None,
            alerts: alerts.iter().map(|row| alert(&ctx, &name(&row.carrier), row, &zone)).collect(),
            drafts: drafts.iter().map(|offer| draft_row(&ctx, &name(&offer.carrier), offer, &rules)).collect(),
            rules: rules.iter().map(|rule| rule_text(&ctx, &name(&rule.carrier), rule)).collect(),
            currencies: Currency::ALL.iter().map(|currency| currency.code()).collect(),
            pricing: Pricing::default(),
            pricing_error: None,
            may_change: staff.may(Role::Admin),
            carriers: carriers.iter().map(|row| carrier_part(row, &zone, language)).collect(),
            ctx,
        })
    }
}

fn named_carrier(carriers: &[CarrierRow], code: &str, language: Lang) -> String {
    let known = carriers.iter().find(|row| row.code == code);
    known.map_or(code.to_owned(), |row| carrier_name(row, language).to_owned())
}

fn carrier_name(row: &CarrierRow, language: Lang) -> &str {
    if language.is_chinese() { &row.name_zh } else { &row.name_en }
}

fn carrier_part(row: &CarrierRow, zone: &Zone, language: Lang) -> CarrierPart {
    CarrierPart {
        code: row.code.clone(),
        name: carrier_name(row, language).to_owned(),
        plans: row.plans,
        offers: row.offers,
        seen: row.seen_at.map(|at| day_and_time(at, zone)),
        fetch: paths::staff_catalogue_fetch(&row.code),
    }
}

fn alert(ctx: &Ctx, carrier: &str, row: &AlertRow, zone: &Zone) -> Alert {
    let what = if row.product.is_empty() { carrier.to_owned() } else { format!("{carrier} · {}", row.product) };
    Alert {
        title: ctx.t1(&format!("catalogue-alert-{}", row.kind.replace('_', "-")), "what", what),
        detail: row.detail.clone(),
        since: day_and_time(row.raised_at, zone),
    }
}

fn draft_row(ctx: &Ctx, carrier: &str, offer: &KnownOffer, rules: &[Rule]) -> DraftRow {
    let none = ctx.t("common-none");
    DraftRow {
        path: paths::staff_offer(offer.id),
        carrier: carrier.to_owned(),
        title: offer.title.clone(),
        product: offer.product.clone(),
        cost: offer.cost().map_or(none.to_owned(), |cost| cost.to_string()),
        price: suggested(offer, rules).map_or(none.to_owned(), |price| price.to_string()),
    }
}

/// The price the first fitting rule makes of the cost.
pub(super) fn suggested(offer: &KnownOffer, rules: &[Rule]) -> Option<Money> {
    let cost = offer.cost()?;
    let fits = |rule: &&Rule| rule.carrier == offer.carrier && rule.cost_currency == cost.currency;
    let rule = rules.iter().find(fits)?;
    rule.pricing.price(cost, rule.currency)
}

fn rule_text(ctx: &Ctx, carrier: &str, rule: &Rule) -> RuleText {
    let PricingRule { rate_millionths, markup_bp, step_minor, less_minor, minimum_margin_bp } = rule.pricing;
    let trimmed = |text: String| text.trim_end_matches('0').trim_end_matches('.').to_owned();
    let money = |minor| Money::new(minor, rule.currency).to_string();
    let args = [
        ("cost", rule.cost_currency.code().into()),
        ("currency", rule.currency.code().into()),
        ("rate", trimmed(decimal::write(rate_millionths, 6)).into()),
        ("markup", trimmed(decimal::write(markup_bp.into(), 2)).into()),
        ("step", money(step_minor).into()),
        ("less", money(less_minor).into()),
        ("margin", trimmed(decimal::write(minimum_margin_bp.into(), 2)).into()),
    ];
    RuleText { carrier: carrier.to_owned(), text: ctx.ta("catalogue-rule", &args) }
}

/// `POST /staff/catalogue/pricing`
pub async fn pricing(
    ctx: Ctx,
    staff: SignedInStaff,
    State(app): State<App>,
    Form(typed): Form<Pricing>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Admin)?.actor();
    let known = queries::carriers(&app.pool).await?.iter().any(|carrier| carrier.code == typed.carrier);
    match typed.read().filter(|_| known) {
        Some(rule) => {
            catalogue::save_rule(&app.pool, actor, &rule, app.clock.now()).await?;
            Ok(see_other(&format!("{}?note=priced", paths::STAFF_CATALOGUE)))
        }
        None => {
            let page = CataloguePage::of(ctx, &staff, &app.pool).await?;
            let pricing_error = Some(page.ctx.t("catalogue-pricing-unreadable").to_owned());
            Ok(unprocessable(CataloguePage { pricing_error, pricing: typed, ..page }))
        }
    }
}

impl Pricing {
    fn read(&self) -> Option<Rule> {
        let currency = Currency::parse(&self.currency).ok()?;
        let amount = |text: &str| Some(Money::parse(text.trim(), currency).ok()?.minor);
        let basis_points = |text: &str| u32::try_from(decimal::parse(text.trim(), 2).ok()?).ok();
        let pricing = PricingRule {
            rate_millionths: decimal::parse(self.rate.trim(), 6).ok().filter(|rate| *rate > 0)?,
            markup_bp: basis_points(&self.markup).filter(|markup| *markup <= 1_000_000)?,
            step_minor: amount(&self.step).filter(|step| *step > 0)?,
            less_minor: amount(&self.less)?,
            minimum_margin_bp: basis_points(&self.margin).filter(|margin| *margin <= 10_000)?,
        };
        let cost_currency = Currency::parse(&self.cost_currency).ok()?;
        (pricing.less_minor < pricing.step_minor).then(|| Rule {
            carrier: self.carrier.clone(),
            cost_currency,
            currency,
            pricing,
        })
    }
}

/// `POST /staff/catalogue/{carrier}/fetch`
pub async fn fetch(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(carrier): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageError> {
    staff.at_least(Role::Admin)?;
    let note = match catalogue::fetch(&app.pool, &app.clock, &app.carriers, &carrier).await {
        Ok(_) => "fetched",
        Err(error) => {
            tracing::warn!(%carrier, error = format!("{error:#}"), "a carrier did not say what it sells");
            "silent"
        }
    };
    Ok(see_other(&format!("{}?note={note}", paths::STAFF_CATALOGUE)))
}

pub(super) fn effects(ctx: &Ctx) -> Vec<(&'static str, String)> {
    let effects = crate::plans::effect::Effect::ALL.into_iter().map(|effect| effect.as_str());
    effects.map(|effect| (effect, named(ctx, &format!("effect-name-{effect}"), effect))).collect()
}
