use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{Told, form::FormPage};
use crate::{
    accounts::{Accounts, Refusal, undo},
    paths,
    web::{Ctx, Form, Nothing, Page, PageError, headers::NO_REFERRER},
};

/// `GET /security/undo/{token}`: mail programs open links by themselves, so opening it undoes nothing yet.
pub async fn show(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    if !undo::is_open(&accounts.pool, &accounts.clock, &token).await? {
        return Ok(expired(ctx));
    }
    Ok(([NO_REFERRER], Page(FormPage::new(ctx, "undo", vec![]))).into_response())
}

/// `POST /security/undo/{token}`
pub async fn create(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    match undo::undo(&accounts, &token).await {
        Ok(email) => Ok(([NO_REFERRER], Page(done(ctx, &email))).into_response()),
        Err(Refusal::LinkExpired) => Ok(expired(ctx)),
        Err(other) => Err(other.into()),
    }
}

fn done(ctx: Ctx, email: &str) -> Told {
    Told {
        icon: "check",
        title: ctx.t("undo-done-title"),
        lead: ctx.t1("undo-done-lead", "email", email),
        hint: Some(ctx.t("forgot-sent-hint")),
        onward: (paths::FORGOT_PASSWORD.into(), "reset-again"),
        ctx,
    }
}

fn expired(ctx: Ctx) -> Response {
    let page = Told {
        icon: "clock",
        title: ctx.t("undo-expired-title"),
        lead: ctx.t1("undo-expired-lead", "support", crate::config::brand().support_email.as_str()),
        hint: None,
        onward: (paths::FORGOT_PASSWORD.into(), "undo-expired-reset"),
        ctx,
    };
    (StatusCode::GONE, [NO_REFERRER], Page(page)).into_response()
}
