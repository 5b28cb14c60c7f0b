//! Who has lost their second step, and whether it may be taken off.

use super::shown::{day_and_time, named};
use super::work::said;
use crate::accounts::{Decision, OpenReset, Proven, SignedInStaff, decide_reset, open_reset, open_resets};
use crate::app::App;
use crate::calendar::Zone;
use crate::ids::SecondStepResetId;
use crate::paths;
use crate::web::{Ctx, Form, Page, PageError, Path, Person, Role, noted};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "staff/second_step_resets.html")]
struct ResetsPage {
    ctx: Ctx,
    may_decide: bool,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "staff/second_step_reset.html")]
struct ResetPage {
    ctx: Ctx,
    row: Row,
    is_own: bool,
    may_approve: bool,
}

struct Row {
    customer: (String, String, String),
    role: String,
    client: String,
    since: String,
    ready: String,
    is_ready: bool,
    path: String,
}

impl Row {
    fn of(ctx: &Ctx, open: OpenReset, zone: &Zone, now: OffsetDateTime) -> Self {
        Self {
            customer: (paths::staff_account(open.account_id), open.name, open.email),
            role: named(ctx, &format!("staff-role-{}", open.role), &open.role),
            client: open.client,
            since: day_and_time(open.asked_at, zone),
            ready: day_and_time(open.ready_at, zone),
            is_ready: open.ready_at <= now,
            path: paths::staff_second_step_reset(open.id),
        }
    }
}

/// `GET /staff/second-step-resets`
pub async fn index(ctx: Ctx, staff: SignedInStaff, State(app): State<App>) -> Result<impl IntoResponse, PageError> {
    let (zone, now) = (staff.person.zone(), app.clock.now());
    let rows = open_resets(&app.pool).await?.into_iter().map(|open| Row::of(&ctx, open, &zone, now)).collect();
    Ok(Page(ResetsPage { may_decide: staff.may(Role::Admin), rows, ctx }))
}

/// `GET /staff/second-step-resets/{reset}`
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    State(app): State<App>,
    Path(reset): Path<SecondStepResetId>,
    proven: Result<Proven, Response>,
) -> Result<Response, PageError> {
    let person = staff.at_least(Role::Admin)?;
    if let Err(elsewhere) = proven {
        return Ok(elsewhere);
    }
    page(ctx, person, &app, reset).await
}

async fn page(ctx: Ctx, person: &Person, app: &App, reset: SecondStepResetId) -> Result<Response, PageError> {
    let open = open_reset(&app.pool, reset).await?.ok_or(PageError::NotFound)?;
    let now = app.clock.now();
    let (is_own, may_approve) = (open.account_id == person.id, open.may_be_approved_by(person, now));
    Ok(Page(ResetPage { row: Row::of(&ctx, open, &person.zone(), now), is_own, may_approve, ctx }).into_response())
}

#[derive(Deserialize)]
pub struct Decided {
    decision: Decision,
    #[serde(default)]
    note: String,
}

/// `POST /staff/second-step-resets/{reset}`
pub async fn decide(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(reset): Path<SecondStepResetId>,
    proven: Result<Proven, Response>,
    Form(Decided { decision, note }): Form<Decided>,
) -> Result<Response, PageError> {
    let person = staff.at_least(Role::Admin)?;
    if let Err(elsewhere) = proven {
        return Ok(elsewhere);
    }
    let Some(why) = said(&note) else {
        return Ok(noted(&paths::staff_second_step_reset(reset), "say-how"));
    };
    let done = decide_reset(&app.pool, (&app.clock, &app.base_url.0), person, reset, (decision, why)).await?;
    let note = if done { "reset-decided" } else { "not-waiting" };
    Ok(noted(paths::STAFF_SECOND_STEP_RESETS, note))
}
