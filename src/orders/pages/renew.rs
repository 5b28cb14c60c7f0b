use super::choose::{ChoosePage, Wanted};
use super::open_order::OpenOrderPage;
use super::review::{Problem, ReviewPage};
use crate::accounts::SignedIn;
use crate::carriers::Carriers;
use crate::clock::Clock;
use crate::ids::{LineId, OrderId};
use crate::money::Money;
use crate::orders::check::check;
use crate::orders::filter::Filter;
use crate::orders::queries::overview::{self, HeldLine};
use crate::orders::renew::{self, Renew, RenewError};
use crate::paths;
use crate::plans::{self, model::Plan};
use crate::web::{Ctx, Form, Page, PageError, Path, see_other, unprocessable};
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
    if let Some(order) = held.open_order {
        return Ok(open_order(ctx, &held, &plan, order));
    }
    let problem = Problem::of(&check(&carriers, &held.line, &plan).await, &plan);
    review(&pool, ctx, &held, &plan, Uuid::new_v4(), problem, now).await
}

/// `POST /lines/{line}/renewals`: places the order and goes on to its payment.
pub async fn create(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(carriers): State<Carriers>,
    Path(line): Path<LineId>,
    ctx: Ctx,
    Form(form): Form<RenewForm>,
) -> Result<Response, PageError> {
    let now = clock.now();
    let held = overview::line(&pool, line, person.id, now).await?.ok_or(PageError::NotFound)?;
    let Some(plan) = sold(&pool, &held, &form.plan).await? else {
        return Ok(unprocessable(plan_gone(&pool, ctx, &held, now).await?));
    };
    let problem = match place(&pool, &clock, &carriers, &held, &plan, &form).await {
        Ok(order) => return Ok(see_other(&paths::pay(order))),
        Err(Refused::Problem(problem)) => problem,
        Err(Refused::Other(error)) => return refused(&pool, ctx, &held, error, now).await,
    };
    let attempt = form.attempt.parse().unwrap_or_else(|_| Uuid::new_v4());
    let plan = sold(&pool, &held, &form.plan).await?.unwrap_or(plan);
    let page = review(&pool, ctx, &held, &plan, attempt, Some(problem), now).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Why no order was placed: something the review page says, or something it can't.
enum Refused {
    Problem(Problem),
    Other(RenewError),
}

async fn place(
    pool: &PgPool,
    clock: &Clock,
    carriers: &Carriers,
    held: &HeldLine,
    plan: &Plan,
    form: &RenewForm,
) -> Result<OrderId, Refused> {
    let until = form.until.as_deref().map(|until| Date::parse(until, &Iso8601::DATE)).transpose();
    let (Ok(attempt_key), Ok(minor), Ok(until)) = (form.attempt.parse(), form.price.parse(), until) else {
        return Err(Refused::Problem(Problem::FormBroken));
    };
    let seen = Money::new(minor, plan.price.currency);
    if let Some(problem) = Problem::of(&check(carriers, &held.line, plan).await, plan) {
        return Err(Refused::Problem(problem));
    }
    let (account, line) = (held.line.account_id, held.line.id);
    let input = Renew { account, line, plan: plan.code.clone(), attempt_key, seen: Some(seen), until };
    renew::renew(pool, clock, input).await.map_err(|error| match error {
        RenewError::PriceChanged { now } => Refused::Problem(Problem::PriceChanged { before: seen, after: now }),
        RenewError::PromiseChanged { .. } => Refused::Problem(Problem::PromiseChanged),
        RenewError::LineNotRenewable => Refused::Problem(Problem::LineNotRenewable),
        RenewError::Effect(_) => Refused::Problem(Problem::EffectUnclear),
        other => Refused::Other(other),
    })
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
    Ok(ChoosePage::new(ctx, held, &plans, wanted, now))
}

async fn plan_gone(pool: &PgPool, ctx: Ctx, held: &HeldLine, now: OffsetDateTime) -> Result<ChoosePage, PageError> {
    let mut page = choose(pool, ctx, held, Wanted::default(), now).await?;
    page.problem = Some(page.ctx.t("review-plan-gone"));
    Ok(page)
}

/// The same plan again means the order that is there.
fn open_order(ctx: Ctx, held: &HeldLine, plan: &Plan, order: OrderId) -> Response {
    match OpenOrderPage::new(ctx, held) {
        Some(page) if held.open_plan.as_deref() != Some(plan.code.as_str()) => Page(page).into_response(),
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
