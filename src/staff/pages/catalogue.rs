//! What carriers sell: drafts to look at, how they are priced, and what keeps renewals from being sold.

use super::pricing::{self, RuleText, Typed};
use super::shown::{day_and_time, named};
use super::wrong::Wrong;
use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::calendar::Zone;
use crate::catalogue::{self, KnownOffer, Rule};
use crate::lang::Lang;
use crate::money::{Currency, Money};
use crate::paths;
use crate::staff::queries::catalogue::{self as queries, AlertRow, CarrierRow};
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Role, noted};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

#[derive(Template)]
#[template(path = "staff/catalogue.html")]
pub(super) struct CataloguePage {
    pub(super) ctx: Ctx,
    note: Option<String>,
    alerts: Vec<Alert>,
    carriers: Vec<CarrierPart>,
    drafts: Vec<DraftRow>,
    put_aside: Vec<DraftRow>,
    rules: Vec<RuleText>,
    currencies: Vec<&'static str>,
    pub(super) pricing: Typed,
    pub(super) wrong: Wrong,
    /// Somebody is at the form.
    pub(super) pricing_open: bool,
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
    restore: String,
    carrier: String,
    title: String,
    product: String,
    cost: String,
    price: String,
}

#[derive(Deserialize)]
pub struct Asked {
    note: Option<String>,
    /// The rule that is to be changed.
    rule: Option<String>,
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
        "restored" => Some(ctx.t("catalogue-note-restored").to_owned()),
        "unpriced" => Some(ctx.t("catalogue-note-unpriced").to_owned()),
        "priced" => Some(ctx.t("catalogue-note-priced").to_owned()),
        "fetched" => Some(ctx.t("catalogue-note-fetched").to_owned()),
        "silent" => Some(ctx.t("catalogue-note-silent").to_owned()),
        _ => None,
    });
    let mut page = CataloguePage::of(ctx, &staff, &pool).await?;
    if let Some(key) = asked.rule.as_deref() {
        let rule = pricing::find(&pool, key).await?.ok_or(PageError::NotFound)?;
        (page.pricing, page.pricing_open) = (Typed::of(&rule), true);
    }
    Ok(Page(CataloguePage { note, ..page }))
}

impl CataloguePage {
    pub(super) async fn of(ctx: Ctx, staff: &SignedInStaff, pool: &PgPool) -> Result<Self, PageError> {
        let (carriers, alerts) = (queries::carriers(pool).await?, queries::alerts(pool).await?);
        let (drafts, rules) = (catalogue::drafts(pool).await?, queries::rules(pool).await?);
        let put_aside = catalogue::dismissed(pool).await?;
        let (zone, language) = (staff.person.zone(), ctx.language);
        let name = |code: &str| named_carrier(&carriers, code, language);
        Ok(Self {
            note: None,
            alerts: alerts.iter().map(|row| alert(&ctx, &name(&row.carrier), row, &zone)).collect(),
            drafts: drafts.iter().map(|offer| draft_row(&ctx, &name(&offer.carrier), offer, &rules)).collect(),
            put_aside: put_aside.iter().map(|offer| draft_row(&ctx, &name(&offer.carrier), offer, &rules)).collect(),
            rules: rules.iter().map(|rule| pricing::rule_text(&ctx, &name(&rule.carrier), rule)).collect(),
            currencies: Currency::ALL.iter().map(|currency| currency.code()).collect(),
            pricing: Typed::default(),
            wrong: Wrong::default(),
            pricing_open: false,
            may_change: staff.may(Role::Admin),
            carriers: carriers.iter().map(|row| carrier_part(row, &zone, language)).collect(),
            ctx,
        })
    }
}

pub(super) fn named_carrier(carriers: &[CarrierRow], code: &str, language: Lang) -> String {
    let known = carriers.iter().find(|row| row.code == code);
    known.map_or(code.to_owned(), |row| carrier_name(row, language).to_owned())
}

pub(super) fn carrier_name(row: &CarrierRow, language: Lang) -> &str {
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
        restore: paths::staff_offer_restore(offer.id),
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
    Ok(noted(paths::STAFF_CATALOGUE, note))
}

pub(super) fn effects(ctx: &Ctx) -> Vec<(&'static str, String)> {
    let effects = crate::plans::effect::Effect::ALL.into_iter().map(|effect| effect.as_str());
    effects.map(|effect| (effect, named(ctx, &format!("effect-name-{effect}"), effect))).collect()
}
