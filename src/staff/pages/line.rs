//! A line and its carrier: how it stands there, when that was asked, and what can be changed from afar.

use super::line_rows::{OrderRow, Row, button, changed_row, facts, order_row, profile_row, told_row};
use super::shown::day_and_time;
use crate::accounts::{Proven, SignedInStaff, to_prove};
use crate::app::App;
use crate::audit::{self, Act};
use crate::carriers::Change;
use crate::claims::{self, EndError};
use crate::ids::LineId;
use crate::lines::{self};
use crate::numbers::Eid;
use crate::paths;
use crate::profiles::{self, Purpose, RequestError, Wish};
use crate::staff::queries::line::{self};
use crate::sync::change::{self, ChangeError};
use crate::sync::{self, Asked};
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Role, noted, unprocessable};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

const LONGEST_REASON: usize = 300;

#[derive(Template)]
#[template(path = "staff/line.html")]
struct LinePage {
    ctx: Ctx,
    number: String,
    facts: Vec<(&'static str, String)>,
    customer: (String, String),
    refresh: Option<Option<String>>,
    refresh_path: String,
    /// The change that can be asked for, and its button.
    offer: Option<(&'static str, &'static str)>,
    /// What was asked for and is not done.
    under_way: Option<String>,
    orders: Vec<OrderRow>,
    changes_path: String,
    /// Where somebody gives a factor before they write down what is to be done, if they did not lately.
    prove: Option<String>,
    reason: String,
    reason_error: Option<&'static str>,
    profile: ProfileForm,
    profiles: Vec<Row>,
    /// Where the line can be ended; for those who may.
    end_path: Option<String>,
    end_reason: String,
    end_error: Option<&'static str>,
    changed: Vec<Row>,
    told: Vec<Row>,
}

/// What orders another profile.
#[derive(Default)]
struct ProfileForm {
    path: String,
    is_offered: bool,
    is_move: bool,
    eid: String,
    eid_error: Option<&'static str>,
    reason: String,
    reason_error: Option<&'static str>,
}

/// `GET /staff/lines/{line}`
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    Path(line): Path<LineId>,
) -> Result<Response, PageError> {
    let page = page(ctx, &staff, &app, line).await?;
    let prove = proven.is_err().then(|| paths::prove(&paths::staff_line(line)));
    Ok(Page(LinePage { prove, ..page }).into_response())
}

/// `POST /staff/lines/{line}/usage`
pub async fn refresh(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(line): Path<LineId>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageError> {
    staff.at_least(Role::Support)?;
    let kept = line::line(&app.pool, line).await?.ok_or(PageError::NotFound)?;
    let note = match sync::refresh(&app.pool, &app.clock, &app.carriers, &kept.line).await? {
        Asked::Heard => "usage-fresh",
        Asked::TooSoon(_) => "usage-too-soon",
        Asked::Later => "usage-later",
        Asked::NoAnswer => "usage-silent",
        Asked::Gone => return Err(PageError::NotFound),
    };
    Ok(noted(&paths::staff_line(line), note))
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    change: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub struct WantedProfile {
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    eid: String,
    #[serde(default)]
    reason: String,
}

/// `POST /staff/lines/{line}/profiles`
pub async fn create_profile(
    ctx: Ctx,
    staff: SignedInStaff,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    Path(line): Path<LineId>,
    Form(wanted): Form<WantedProfile>,
) -> Result<Response, PageError> {
    staff.at_least(Role::Support)?;
    let Ok(who) = proven else { return Ok(to_prove(&paths::staff_line(line))) };
    let purpose = Purpose::parse(&wanted.purpose).ok_or(PageError::BadRequest)?;
    let reason = wanted.reason.trim();
    let eid = Some(wanted.eid.trim()).filter(|eid| !eid.is_empty()).map(Eid::parse).transpose();
    let is_said = !reason.is_empty() && reason.chars().count() <= LONGEST_REASON;
    let (Ok(eid), true) = (eid, is_said) else {
        let mut page = page(ctx, &staff, &app, line).await?;
        let ctx = &page.ctx;
        page.profile.reason_error = (!is_said).then(|| ctx.t("staff-line-reason-missing"));
        page.profile.eid_error = is_said.then(|| ctx.t("profile-eid-wrong"));
        (page.profile.reason, page.profile.eid) = (reason.to_owned(), wanted.eid);
        page.profile.is_move = purpose == Purpose::Move;
        return Ok(unprocessable(page));
    };
    let wish = Wish { line, purpose, eid: eid.as_ref().filter(|_| purpose == Purpose::Move), reason: Some(reason) };
    let note = match profiles::request(&app.pool, &app.clock, &app.carriers, &app.base_url, &who, &wish).await {
        Ok(()) => "profile-requested",
        Err(RequestError::UnderWay) => "profile-under-way",
        Err(RequestError::OrderOpen) => "profile-order-open",
        Err(RequestError::TooMany) => "profile-too-many",
        Err(RequestError::NotPossible) => "profile-not-possible",
        Err(RequestError::NoSuchLine) => return Err(PageError::NotFound),
        Err(RequestError::Database(error)) => return Err(error.into()),
    };
    Ok(noted(&paths::staff_line(line), note))
}

/// `POST /staff/lines/{line}/changes`
pub async fn create(
    ctx: Ctx,
    staff: SignedInStaff,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    Path(line): Path<LineId>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Support)?.actor();
    if proven.is_err() {
        return Ok(to_prove(&paths::staff_line(line)));
    }
    let wanted_change = Change::parse(&wanted.change).ok_or(PageError::BadRequest)?;
    let reason = wanted.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let mut page = page(ctx, &staff, &app, line).await?;
        page.reason_error = Some(page.ctx.t("staff-line-reason-missing"));
        page.reason = reason.to_owned();
        return Ok(unprocessable(page));
    }
    let asked = change::request(&app.pool, &app.clock, &app.carriers, actor, (line, wanted_change), Some(reason)).await;
    let note = match asked {
        Ok(()) => "change-requested",
        Err(ChangeError::UnderWay) => "change-under-way",
        Err(ChangeError::NotPossible) => "change-not-possible",
        Err(ChangeError::NoSuchLine) => return Err(PageError::NotFound),
        Err(ChangeError::Database(error)) => return Err(error.into()),
    };
    Ok(noted(&paths::staff_line(line), note))
}

#[derive(Deserialize)]
pub struct Ending {
    #[serde(default)]
    end_reason: String,
    #[serde(default)]
    sure: String,
}

/// `POST /staff/lines/{line}/end`
pub async fn end(
    ctx: Ctx,
    staff: SignedInStaff,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    Path(line): Path<LineId>,
    Form(Ending { end_reason, sure }): Form<Ending>,
) -> Result<Response, PageError> {
    staff.at_least(Role::Support)?;
    let Ok(who) = proven else { return Ok(to_prove(&paths::staff_line(line))) };
    let reason = end_reason.trim();
    let wrong = match () {
        () if reason.is_empty() || reason.chars().count() > LONGEST_REASON => "staff-line-reason-missing",
        () if sure.is_empty() => "staff-line-end-unsure",
        () => match claims::end_line(&app.pool, &app.clock, &who, line, reason).await {
            Ok(holder) => return Ok(noted(&paths::staff_account(holder), "line-ended")),
            Err(EndError::OrderOpen) => "staff-line-end-order",
            Err(EndError::NoSuchLine) => return Err(PageError::NotFound),
            Err(EndError::Database(error)) => return Err(error.into()),
        },
    };
    let mut page = page(ctx, &staff, &app, line).await?;
    page.end_error = Some(page.ctx.t(wrong));
    page.end_reason = reason.to_owned();
    Ok(unprocessable(page))
}

async fn page(ctx: Ctx, staff: &SignedInStaff, app: &App, id: LineId) -> Result<LinePage, PageError> {
    let kept = line::line(&app.pool, id).await?.ok_or(PageError::NotFound)?;
    let (zone, now) = (staff.person.zone(), app.clock.now());
    let act = Act {
        at: now,
        actor: staff.person.actor(),
        action: "account.viewed",
        account: Some(kept.holder),
        subject: Some(("line", id.to_string())),
        detail: json!({}),
    };
    audit::record(&app.pool, act).await?;
    let again = sync::free_again(&app.carriers, &kept.line);
    let may_change = staff.may(Role::Support);
    let open = change::newest(&app.pool, id, now).await?.filter(|change| change.finished_at.is_none());
    let offer = change::possible(&app.carriers, &kept.line).filter(|_| may_change && open.is_none());
    let under_way = open.map(|change| {
        let at = day_and_time(change.accepted_at.unwrap_or(change.requested_at), &zone);
        ctx.t1(&format!("change-{}-{}", change.change, change.status), "time", at)
    });
    let orders = line::orders(&app.pool, id).await?;
    let orders = orders.iter().map(|order| order_row(&ctx, order, &kept, &zone)).collect();
    let profiles = profiles::of_line(&app.pool, id).await?;
    let is_offered = may_change
        && profiles.iter().all(|order| order.finished_at.is_some())
        && profiles::possible(&app.carriers, &kept.line, now)
        && !profiles::is_being_renewed(&app.pool, id).await?;
    let (changed, told) = (line::changed(&app.pool, id).await?, line::told(&app.pool, id).await?);
    Ok(LinePage {
        number: lines::words::number(kept.line.msisdn.as_deref(), &kept.line.iccid),
        facts: facts(&ctx, &kept, &zone, now),
        customer: (paths::staff_account(kept.holder), kept.customer),
        refresh: again.filter(|_| may_change).map(|at| at.filter(|at| *at > now).map(|at| day_and_time(at, &zone))),
        refresh_path: paths::staff_line_usage(id),
        offer: offer.map(|change| (change.as_str(), button(&ctx, change))),
        under_way,
        orders,
        prove: None,
        changes_path: paths::staff_line_changes(id),
        reason: String::new(),
        reason_error: None,
        profile: ProfileForm { path: paths::staff_line_profiles(id), is_offered, ..ProfileForm::default() },
        profiles: profiles.iter().map(|order| profile_row(&ctx, order, &zone)).collect(),
        end_path: may_change.then(|| paths::staff_line_end(id)),
        end_reason: String::new(),
        end_error: None,
        changed: changed.iter().map(|changed| changed_row(&ctx, changed, &zone)).collect(),
        told: told.iter().map(|told| told_row(&ctx, told, &zone)).collect(),
        ctx,
    })
}
