//! For whoever has neither the app nor a recovery code any more.
use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{Told, form::FormPage};
use crate::{
    accounts::{
        Accounts, Refusal, SessionId,
        extract::HalfSignedIn,
        queries::{self, OpenReset},
        second_step_reset::{self, ask, standing},
    },
    calendar, paths,
    web::{Ctx, Form, Nothing, Page, PageError, Person, client::Client, headers::NO_REFERRER, see_other},
};

#[derive(Template)]
#[template(path = "accounts/lost_second_step.html")]
struct LostPage {
    ctx: Ctx,
    hours: i64,
}

/// `GET /login/second-step/lost`: what will happen, or what has been begun.
pub async fn new(
    State(accounts): State<Accounts>,
    HalfSignedIn(halfway): HalfSignedIn,
    ctx: Ctx,
) -> Result<Response, PageError> {
    if let Some(open) = standing(&accounts, halfway.person.id).await? {
        return Ok(Page(asked(ctx, &halfway.person, &open)).into_response());
    }
    if !queries::factors(&accounts.pool, halfway.person.id).await?.has_own() {
        return Ok(see_other(paths::SECOND_STEP));
    }
    Ok(Page(LostPage { hours: accounts.reset_wait.whole_hours(), ctx }).into_response())
}

/// `POST /login/second-step/lost`
pub async fn create(
    State(accounts): State<Accounts>,
    HalfSignedIn(halfway): HalfSignedIn,
    Extension(session): Extension<SessionId>,
    ctx: Ctx,
    client: Client,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    match ask(&accounts, (&halfway.person, &session), &client.to_string()).await {
        Ok(open) => Ok(Page(asked(ctx, &halfway.person, &open)).into_response()),
        Err(Refusal::Wrong) => Ok(see_other(paths::SECOND_STEP)),
        Err(other) => Err(other.into()),
    }
}

fn asked(ctx: Ctx, person: &Person, open: &OpenReset) -> Told {
    let ready = calendar::local(open.ready_at, &person.zone());
    let ready = format!("{} {}", calendar::long_date(ready.date(), ctx.language), calendar::clock_time(ready));
    Told {
        icon: "clock",
        title: ctx.t("lost-step-asked-title"),
        lead: ctx.t1("lost-step-asked-lead", "time", ready),
        hint: Some(ctx.t("lost-step-asked-hint")),
        onward: (paths::SECOND_STEP.into(), "lost-step-back"),
        ctx,
    }
}

/// `GET /security/second-step/{token}`: mail programs open links by themselves, so opening it stops nothing yet.
pub async fn show(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    if !second_step_reset::is_open(&accounts.pool, &accounts.clock, &token).await? {
        return Ok(over(ctx));
    }
    Ok(([NO_REFERRER], Page(FormPage::new(ctx, "stop-reset", vec![]))).into_response())
}

/// `POST /security/second-step/{token}`
pub async fn stop(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    match second_step_reset::cancel(&accounts, &token).await {
        Ok(()) => Ok(([NO_REFERRER], Page(stopped(ctx))).into_response()),
        Err(Refusal::LinkExpired) => Ok(over(ctx)),
        Err(other) => Err(other.into()),
    }
}

fn stopped(ctx: Ctx) -> Told {
    Told {
        icon: "check",
        title: ctx.t("stop-reset-done-title"),
        lead: ctx.t("stop-reset-done-lead").to_owned(),
        hint: None,
        onward: (paths::FORGOT_PASSWORD.into(), "undo-expired-reset"),
        ctx,
    }
}

fn over(ctx: Ctx) -> Response {
    let page = Told {
        icon: "clock",
        title: ctx.t("stop-reset-over-title"),
        lead: ctx.t1("stop-reset-over-lead", "support", crate::config::brand().support_email.as_str()),
        hint: None,
        onward: (paths::FORGOT_PASSWORD.into(), "undo-expired-reset"),
        ctx,
    };
    (StatusCode::GONE, [NO_REFERRER], Page(page)).into_response()
}
