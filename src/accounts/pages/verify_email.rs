use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{Told, form::FormPage, sign_in::Nothing};
use crate::{
    accounts::{Accounts, Refusal, verify_email},
    paths,
    web::{Ctx, Form, Page, PageError, headers::NO_REFERRER, see_other},
};

/// `GET /verify-email/{token}`: mail programs open links by themselves, so opening it confirms nothing yet.
pub async fn show(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    if !verify_email::is_open(&accounts.pool, &accounts.clock, &token).await? {
        return Ok(expired(ctx));
    }
    Ok(([NO_REFERRER], Page(FormPage::new(ctx, "verify", vec![]))).into_response())
}

/// `POST /verify-email/{token}`
pub async fn create(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    match verify_email::verify_email(&accounts.pool, &accounts.clock, &token).await {
        Ok(()) => Ok(see_other(&format!("{}?note=email-confirmed", paths::LOGIN))),
        Err(Refusal::LinkExpired) => Ok(expired(ctx)),
        Err(other) => Err(other.into()),
    }
}

fn expired(ctx: Ctx) -> Response {
    let page = Told {
        icon: "clock",
        title: ctx.t("verify-expired-title"),
        lead: ctx.t("verify-expired-lead").to_owned(),
        hint: None,
        onward: (paths::LOGIN.into(), "forgot-back"),
        ctx,
    };
    (StatusCode::GONE, [NO_REFERRER], Page(page)).into_response()
}
