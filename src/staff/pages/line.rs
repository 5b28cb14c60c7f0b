//! A line and its carrier: how it stands there, when that was asked, and what can be changed from afar.

use super::shown::{Mark, day_and_time, named};
use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::audit::{self, Act};
use crate::calendar::Zone;
use crate::carriers::{Change, names};
use crate::claims::{self, EndError};
use crate::countries;
use crate::ids::LineId;
use crate::lines::{self, words};
use crate::numbering;
use crate::numbers::{Eid, Iccid};
use crate::paths;
use crate::profiles::{self, ProfileOrder, Purpose, RequestError, Wish};
use crate::staff::queries::line::{self, Changed, Kept, Placed, Told};
use crate::sync::change::{self, ChangeError};
use crate::sync::{self, Asked};
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Role, see_other, unprocessable};
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

struct OrderRow {
    path: String,
    number: String,
    plan: String,
    mark: Mark,
    time: String,
}

struct Row {
    time: String,
    what: String,
    more: String,
}

/// `GET /staff/lines/{line}`
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    State(app): State<App>,
    Path(line): Path<LineId>,
) -> Result<Response, PageError> {
    let page = page(ctx, &staff, &app, line).await?;
    Ok(Page(page).into_response())
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
    Ok(see_other(&paths::staff_line_noted(line, note)))
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
    State(app): State<App>,
    Path(line): Path<LineId>,
    Form(wanted): Form<WantedProfile>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Support)?.actor();
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
    let note = match profiles::request(&app.pool, &app.clock, &app.carriers, &app.base_url, actor, &wish).await {
        Ok(()) => "profile-requested",
        Err(RequestError::UnderWay) => "profile-under-way",
        Err(RequestError::OrderOpen) => "profile-order-open",
        Err(RequestError::TooMany) => "profile-too-many",
        Err(RequestError::NotPossible) => "profile-not-possible",
        Err(RequestError::NoSuchLine) => return Err(PageError::NotFound),
        Err(RequestError::Database(error)) => return Err(error.into()),
    };
    Ok(see_other(&paths::staff_line_noted(line, note)))
}

/// `POST /staff/lines/{line}/changes`
pub async fn create(
    ctx: Ctx,
    staff: SignedInStaff,
    State(app): State<App>,
    Path(line): Path<LineId>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Support)?.actor();
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
    Ok(see_other(&paths::staff_line_noted(line, note)))
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
    State(app): State<App>,
    Path(line): Path<LineId>,
    Form(Ending { end_reason, sure }): Form<Ending>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Support)?.actor();
    let reason = end_reason.trim();
    let wrong = match () {
        () if reason.is_empty() || reason.chars().count() > LONGEST_REASON => "staff-line-reason-missing",
        () if sure.is_empty() => "staff-line-end-unsure",
        () => match claims::end_line(&app.pool, &app.clock, actor, line, reason).await {
            Ok(holder) => return Ok(see_other(&paths::staff_account_noted(holder, "line-ended"))),
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

fn facts(ctx: &Ctx, kept: &Kept, zone: &Zone, now: time::OffsetDateTime) -> Vec<(&'static str, String)> {
    let line = &kept.line;
    let at = |at: Option<time::OffsetDateTime>| {
        at.map_or_else(|| ctx.t("common-none").to_owned(), |at| day_and_time(at, zone))
    };
    let carrier = if ctx.language.is_chinese() { &kept.carrier_zh } else { &kept.carrier_en };
    let plan = if ctx.language.is_chinese() { &kept.plan_zh } else { &kept.plan_en };
    let mut facts = vec![
        (ctx.t("line-plan"), format!("{plan} ({})", line.plan)),
        (ctx.t("detail-kind"), words::kind(line, ctx.language).to_owned()),
        (ctx.t("detail-carrier"), carrier.clone()),
        (ctx.t("detail-iccid"), words::iccid(&line.iccid)),
        (ctx.t("staff-line-state"), named(ctx, &format!("staff-line-state-{}", line.status), &line.status)),
        (ctx.t("line-valid-until"), line.valid_until.to_string()),
        (ctx.t("staff-line-left"), words::meter(line, now, ctx.language).words),
        (ctx.t("staff-line-as-of"), day_and_time(line.usage_as_of, zone)),
        (ctx.t("staff-line-asked"), at(line.asked_at)),
        (ctx.t("staff-line-synced"), at(kept.synced_at)),
        (ctx.t("staff-line-next"), day_and_time(kept.next_sync_at, zone)),
    ];
    if let Some(issuer) = issued_by(ctx, &line.iccid) {
        facts.insert(4, (ctx.t("staff-line-issuer"), issuer));
    }
    if let Some(id) = &line.carrier_line_id {
        facts.insert(4, (ctx.t("staff-line-carrier-id"), id.clone()));
    }
    if !line.label.is_empty() {
        facts.insert(0, (ctx.t("staff-line-label"), line.label.clone()));
    }
    if kept.sync_failures > 0 {
        facts.push((ctx.t("staff-line-failures"), kept.sync_failures.to_string()));
    }
    facts
}

/// `China Mobile · Mainland China`: what the world knows by how the card's number begins.
fn issued_by(ctx: &Ctx, iccid: &str) -> Option<String> {
    let issuer = numbering::issuer(&Iccid::parse(iccid).ok()?);
    let country = issuer.country.map(|code| countries::name(code, ctx.language).unwrap_or(code).to_owned());
    let known = |name: &str| names::known().iter().find(|known| known.en == name);
    let issuer = issuer.issuer.map(|name| match known(name) {
        Some(known) if ctx.language.is_chinese() => known.zh.clone(),
        _ => name.to_owned(),
    });
    let parts: Vec<String> = issuer.into_iter().chain(country).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn button(ctx: &Ctx, change: Change) -> &'static str {
    match change {
        Change::Activate => ctx.t("change-activate"),
        Change::Suspend => ctx.t("change-suspend"),
        Change::Resume => ctx.t("change-resume"),
    }
}

fn order_row(ctx: &Ctx, order: &Placed, kept: &Kept, zone: &Zone) -> OrderRow {
    OrderRow {
        path: paths::staff_order(kept.holder, &order.number),
        number: order.number.clone(),
        plan: if ctx.language.is_chinese() { order.plan_zh.clone() } else { order.plan_en.clone() },
        mark: Mark::of_order(ctx, &order.status),
        time: day_and_time(order.created_at, zone),
    }
}

fn changed_row(ctx: &Ctx, changed: &Changed, zone: &Zone) -> Row {
    let what = Change::parse(&changed.change).map_or("", |change| button(ctx, change));
    let status = named(ctx, &format!("staff-line-status-{}", changed.status), &changed.status);
    let more = [changed.actor.clone(), changed.reason.clone(), changed.refusal.clone()];
    Row {
        time: day_and_time(changed.requested_at, zone),
        what: format!("{what}: {status}"),
        more: more.into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}

fn profile_row(ctx: &Ctx, order: &ProfileOrder, zone: &Zone) -> Row {
    let purpose = match Purpose::parse(&order.purpose) {
        Some(Purpose::Move) => ctx.t("profile-move"),
        _ => ctx.t("profile-reissue"),
    };
    let state = order.state.as_str();
    let status = named(ctx, &format!("staff-profile-{state}"), state);
    let iccid = order.iccid.as_deref().filter(|iccid| *iccid != order.old_iccid);
    let iccid = iccid.map(|iccid| format!("{} → {}", words::iccid(&order.old_iccid), words::iccid(iccid)));
    let role = match order.actor_role.as_str() {
        "customer" => ctx.t("staff-profile-by-customer").to_owned(),
        role => named(ctx, &format!("staff-role-{role}"), role),
    };
    let more = [Some(role), order.reason.clone(), order.refusal.clone(), iccid];
    Row {
        time: day_and_time(order.requested_at, zone),
        what: format!("{purpose}: {status}"),
        more: more.into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}

fn told_row(ctx: &Ctx, told: &Told, zone: &Zone) -> Row {
    Row {
        time: day_and_time(told.received_at, zone),
        what: named(ctx, &format!("staff-line-event-{}", told.kind), &told.kind),
        more: told.word.clone().unwrap_or_default(),
    }
}
