use super::choose::{ChoosePage, OnSale, Wanted};
use super::open_order::OpenOrderPage;
use super::review::{Problem, ReviewPage};
use crate::accounts::SignedIn;
use crate::carriers::Carriers;
use crate::catalogue;
use crate::clock::Clock;
use crate::ids::{AccountId, LineId, OrderId};
use crate::money::Money;
use crate::orders::check::check;
use crate::orders::expire;
use crate::orders::filter::Filter;
use crate::orders::queries::overview::{self, HeldLine};
use crate::orders::renew::{self, Renew, RenewError};
use crate::paths;
use crate::payments::Gateways;
use crate::plans::{self, model::Plan};
use crate::sync::change;
use crate::web::{Conn, Ctx, FormOver, Page, PageError, Path, see_other, unprocessable};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqlx::PgPool;
use time::format_description::well_known::Iso8601;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

#[derive(serde::Deserialize)]
pub struct Asked {
    plan: Option<String>,
    term: Option<String>,
    r#where: Option<String>,
    page: Option<String>,
}

impl Asked {
    fn wanted(&self) -> Wanted {
        Wanted {
            filter: Filter::parse(self.term.as_deref(), self.r#where.as_deref()),
            page: self.page.as_deref().and_then(|page| page.parse().ok()).unwrap_or(1),
        }
    }
}

/// What the review page sends back.
#[derive(serde::Deserialize)]
pub struct RenewForm {
    #[serde(default)]
    plan: String,
    #[serde(default)]
    attempt: String,
    /// Minor units, as the page showed them.
    #[serde(default)]
    price: String,
    /// The promised last day, likewise.
    until: Option<String>,
}

/// `GET /lines/{line}/renew`: the plans, or with `?plan=CODE` the review of one.
pub async fn show(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(carriers): State<Carriers>,
    Path(line): Path<LineId>,
    Query(asked): Query<Asked>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    let now = clock.now();
    let held = overview::line(&pool, line, person.id, now).await?.ok_or(PageError::NotFound)?;
    let Some(code) = asked.plan.as_deref() else {
        return Ok(Page(choose(&pool, ctx, &held, asked.wanted(), now).await?).into_response());
    };
    let Some(plan) = sold(&pool, &held, code).await? else {
        return Ok((StatusCode::NOT_FOUND, Page(plan_gone(&pool, ctx, &held, now).await?)).into_response());
    };
    if let Some(order) = held.open_order() {
        return Ok(open_order(ctx, &held, &plan, order));
    }
    let problem = Problem::of(&check(&pool, &carriers, &held.line, &plan, now).await?, &plan);
    review(&pool, ctx, &held, &plan, Uuid::new_v4(), problem, now).await
}

/// `POST /lines/{line}/renewals`: places the order and goes on to its payment. What the page shows is read only when it
/// has to be shown again; the carrier is asked once more before money is taken. An order that is over makes way.
pub async fn create(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(gateways): State<Gateways>,
    Path(line): Path<LineId>,
    ctx: Ctx,
    FormOver(form, Conn(mut conn)): FormOver<RenewForm>,
) -> Result<Response, PageError> {
    let wish = || form.read(person.id, line);
    let placed = match wish() {
        Some(input) => Some(renew::renew(&mut conn, &clock, input).await),
        None => None,
    };
    drop(conn);
    let placed = match (placed, wish()) {
        (Some(Err(RenewError::Overdue(order))), Some(input)) => {
            expire::make_way(&pool, &clock, &gateways, order).await?;
            let mut conn = pool.acquire().await?;
            Some(renew::renew(&mut conn, &clock, input).await)
        }
        (placed, _) => placed,
    };
    let refusal = match placed {
        Some(Ok(order)) => return Ok(see_other(&paths::pay(order))),
        Some(Err(error)) => Some(error),
        None => None,
    };
    let now = clock.now();
    let held = overview::line(&pool, line, person.id, now).await?.ok_or(PageError::NotFound)?;
    let Some(plan) = sold(&pool, &held, &form.plan).await? else {
        return Ok(unprocessable(plan_gone(&pool, ctx, &held, now).await?));
    };
    let problem = match refusal {
        None => Problem::FormBroken,
        Some(RenewError::PriceChanged { now }) => Problem::PriceChanged { before: form.seen(now), after: now },
        Some(RenewError::PromiseChanged { .. }) => Problem::PromiseChanged,
        Some(RenewError::LineNotRenewable) => Problem::LineNotRenewable,
        Some(RenewError::Effect(_)) => Problem::EffectUnclear,
        Some(RenewError::Overdue(_)) => Problem::StillClosing,
        Some(other) => return refused(&pool, ctx, &held, other, now).await,
    };
    let attempt = form.attempt.parse().unwrap_or_else(|_| Uuid::new_v4());
    let page = review(&pool, ctx, &held, &plan, attempt, Some(problem), now).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

impl RenewForm {
    /// `None`: parts are missing or are not what the page put there.
    fn read(&self, account: AccountId, line: LineId) -> Option<Renew> {
        let until = self.until.as_deref().map(|until| Date::parse(until, &Iso8601::DATE)).transpose().ok()?;
        let (attempt_key, minor) = (self.attempt.parse().ok()?, self.price.parse().ok()?);
        Some(Renew { account, line, plan: self.plan.clone(), attempt_key, seen_minor: Some(minor), until })
    }

    /// The price the page showed, in the currency it is sold in now.
    fn seen(&self, now: Money) -> Money {
        Money::new(self.price.parse().unwrap_or(now.minor), now.currency)
    }
}

async fn refused(
    pool: &PgPool,
    ctx: Ctx,
    held: &HeldLine,
    error: RenewError,
    now: OffsetDateTime,
) -> Result<Response, PageError> {
    match error {
        RenewError::OtherOrderOpen(order) => {
            // Read again: it may have been opened since this request began.
            let held =
                overview::line(pool, held.line.id, held.line.account_id, now).await?.ok_or(PageError::NotFound)?;
            Ok(OpenOrderPage::new(ctx, &held).map_or_else(|| see_other(&paths::order(order)), unprocessable))
        }
        RenewError::NoSuchLine => Err(PageError::NotFound),
        RenewError::PlanGone => Ok(unprocessable(plan_gone(pool, ctx, held, now).await?)),
        other => Err(PageError::Internal(other.into())),
    }
}

async fn sold(pool: &PgPool, held: &HeldLine, code: &str) -> Result<Option<Plan>, PageError> {
    let plan = plans::by_code(pool, code).await?;
    Ok(plan.filter(|plan| plan.fits(&held.line.carrier, &held.line.kind)))
}

async fn choose(
    pool: &PgPool,
    ctx: Ctx,
    held: &HeldLine,
    wanted: Wanted,
    now: OffsetDateTime,
) -> Result<ChoosePage, PageError> {
    let plans = plans::on_sale(pool, &held.line.carrier, &held.line.kind).await?;
    let withheld = catalogue::withheld(pool, &held.line.carrier).await?;
    let suspending = change::is_suspending(pool, held.line.id).await?;
    Ok(ChoosePage::new(ctx, held, &OnSale { plans, withheld, suspending }, wanted, now))
}

async fn plan_gone(pool: &PgPool, ctx: Ctx, held: &HeldLine, now: OffsetDateTime) -> Result<ChoosePage, PageError> {
    let mut page = choose(pool, ctx, held, Wanted::default(), now).await?;
    page.problem = Some(page.ctx.t("review-plan-gone"));
    Ok(page)
}

/// The same plan again means the order that is there.
fn open_order(ctx: Ctx, held: &HeldLine, plan: &Plan, order: OrderId) -> Response {
    match OpenOrderPage::new(ctx, held) {
        Some(page) if held.open_plan() != Some(plan.code.as_str()) => Page(page).into_response(),
        _ => see_other(&paths::order(order)),
    }
}

async fn review(
    pool: &PgPool,
    ctx: Ctx,
    held: &HeldLine,
    plan: &Plan,
    attempt: Uuid,
    problem: Option<Problem>,
    now: OffsetDateTime,
) -> Result<Response, PageError> {
    match ReviewPage::new(ctx.clone(), held, plan, attempt, problem, now) {
        Ok(page) => Ok(Page(page).into_response()),
        // What can't be previewed can't be promised, so it is not for sale to this line.
        Err(_) => Ok((StatusCode::NOT_FOUND, Page(plan_gone(pool, ctx, held, now).await?)).into_response()),
    }
}
