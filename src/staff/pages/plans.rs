//! What is on sale, what is kept from it, and taking a plan off sale or putting it back.

use super::catalogue::{carrier_name, named_carrier};
use super::shown::Mark;
use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::catalogue::{self, PutBack, Rule};
use crate::decimal;
use crate::money::Money;
use crate::orders::pages::plan_card;
use crate::paths;
use crate::staff::queries::catalogue as queries;
use crate::staff::queries::plans::{self, Listed, Wanted};
use crate::web::{Ctx, Form, Page, PageError, Path, Role, noted};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "staff/plans.html")]
struct PlansPage {
    ctx: Ctx,
    note: Option<&'static str>,
    q: String,
    /// Code, name, whether it is the one that was asked for.
    carriers: Vec<(String, String, bool)>,
    rows: Vec<Row>,
    before: Option<String>,
    after: Option<String>,
    may_change: bool,
}

struct Row {
    code: String,
    name: String,
    carrier: String,
    price: String,
    cost: Option<String>,
    left: Option<String>,
    mark: Mark,
    is_on_sale: bool,
    path: String,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    carrier: String,
    page: Option<i64>,
    note: Option<String>,
}

/// `GET /staff/plans`
pub async fn index(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, PageError> {
    let note = match asked.note.as_deref() {
        Some("withdrawn") => Some(ctx.t("plans-note-withdrawn")),
        Some("put-back") => Some(ctx.t("plans-note-put-back")),
        Some("product-gone") => Some(ctx.t("plans-note-product-gone")),
        _ => None,
    };
    let page = asked.page.unwrap_or(1).clamp(1, 10_000);
    let q: String = asked.q.trim().chars().filter(|letter| !letter.is_control()).take(100).collect();
    let skipped = (page - 1) * PAGE as i64;
    let mut found =
        plans::list(&pool, Wanted { q: &q, carrier: &asked.carrier, most: PAGE as i64 + 1, skipped }).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let (carriers, rules) = (queries::carriers(&pool).await?, queries::rules(&pool).await?);
    let name = |code: &str| named_carrier(&carriers, code, ctx.language);
    let at = |page: i64| paths::staff_plans(&q, &asked.carrier, page);
    Ok(Page(PlansPage {
        note,
        rows: found.iter().map(|listed| row(&ctx, name(&listed.plan.carrier), listed, &rules)).collect(),
        before: (page > 1).then(|| at(page - 1)),
        after: more.then(|| at(page + 1)),
        carriers: carriers
            .iter()
            .map(|row| (row.code.clone(), carrier_name(row, ctx.language).to_owned(), row.code == asked.carrier))
            .collect(),
        may_change: staff.may(Role::Admin),
        q,
        ctx,
    }))
}

fn row(ctx: &Ctx, carrier: String, listed: &Listed, rules: &[Rule]) -> Row {
    let plan = &listed.plan;
    Row {
        code: plan.code.clone(),
        name: plan.name(ctx.language).to_owned(),
        carrier,
        price: plan.price.to_string(),
        cost: listed.cost.map(|cost| cost.to_string()),
        left: listed.cost.and_then(|cost| margin(rules, &plan.carrier, cost, plan.price)),
        mark: mark(ctx, listed),
        is_on_sale: !plan.withdrawn,
        path: paths::staff_plan_sale(&plan.code),
    }
}

fn mark(ctx: &Ctx, listed: &Listed) -> Mark {
    match (listed.plan.withdrawn, listed.withheld) {
        (true, _) => Mark::new("", ctx.t("plans-withdrawn")),
        (false, true) => Mark::new("is-lapsed", ctx.t("plans-withheld")),
        (false, false) => Mark::new("is-good", ctx.t("plans-on-sale")),
    }
}

/// `¥10.59 · 24.63 %`: what stays of the price after the cost, where they can be held against each other.
pub(super) fn margin(rules: &[Rule], carrier: &str, cost: Money, price: Money) -> Option<String> {
    let fits = |rule: &&Rule| {
        rule.carrier == carrier && rule.cost_currency == cost.currency && rule.currency == price.currency
    };
    let cost = match rules.iter().find(fits) {
        Some(rule) => rule.pricing.converted(cost, price.currency)?,
        None => Some(cost).filter(|cost| cost.currency == price.currency)?,
    };
    let left = price.minor.checked_sub(cost.minor)?;
    let share = i64::try_from(i128::from(left) * 10_000 / i128::from(price.minor)).ok()?;
    Some(format!("{} · {} %", Money::new(left, price.currency), decimal::write(share, 2)))
}

#[derive(Template)]
#[template(path = "staff/plan_sale.html")]
struct SalePage {
    ctx: Ctx,
    row: Row,
    contents: String,
    /// The carrier sells its product no more, so neither can we.
    gone: bool,
}

/// `GET /staff/plans/{plan}/sale`: nothing is done yet.
pub async fn confirm(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    Path(code): Path<String>,
) -> Result<impl IntoResponse, PageError> {
    staff.at_least(Role::Admin)?;
    let listed = plans::by_code(&pool, &code).await?.ok_or(PageError::NotFound)?;
    let (carriers, rules) = (queries::carriers(&pool).await?, queries::rules(&pool).await?);
    let carrier = named_carrier(&carriers, &listed.plan.carrier, ctx.language);
    let contents = plan_card::contents(&listed.plan, ctx.language).join(" · ");
    Ok(Page(SalePage { row: row(&ctx, carrier, &listed, &rules), contents, gone: listed.gone, ctx }))
}

/// Off or back on, as the page said that it would be.
#[derive(Deserialize)]
pub struct Sale {
    sale: String,
}

/// `POST /staff/plans/{plan}/sale`
pub async fn decide(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(code): Path<String>,
    Form(Sale { sale }): Form<Sale>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Admin)?.actor();
    let note = match sale.as_str() {
        "off" if catalogue::withdraw(&app.pool, &app.clock, actor, &code).await? => "withdrawn",
        "on" => match catalogue::put_back(&app.pool, &app.clock, actor, &code).await? {
            PutBack::Done => "put-back",
            PutBack::ProductGone => "product-gone",
            PutBack::NoSuchPlan => return Err(PageError::NotFound),
        },
        "off" => return Err(PageError::NotFound),
        _ => return Err(PageError::BadRequest),
    };
    Ok(noted(paths::STAFF_PLANS, note))
}
