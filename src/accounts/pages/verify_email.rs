use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{Told, form::FormPage, sign_in::to_sign_in};
use crate::{
    accounts::{
        Accounts, Refusal,
        verify_email::{self, Link},
    },
    paths,
    web::{Ctx, Form, Nothing, Page, PageError, headers::NO_REFERRER},
};

/// `GET /verify-email/{token}`: mail programs open links by themselves, so opening it confirms nothing yet.
pub async fn show(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    Ok(match verify_email::state(&accounts.pool, &accounts.clock, &token).await? {
        Link::Open => ([NO_REFERRER], Page(FormPage::new(ctx, "verify", vec![]))).into_response(),
        Link::Confirmed => confirmed(ctx),
        Link::Expired => expired(ctx),
    })
}

/// `POST /verify-email/{token}`
pub async fn create(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    match verify_email::verify_email(&accounts.pool, &accounts.clock, &token).await {
        Ok(email) => Ok(to_sign_in(&accounts, "email-confirmed", &email)),
        Err(Refusal::LinkExpired) => Ok(match verify_email::state(&accounts.pool, &accounts.clock, &token).await? {
            Link::Confirmed => confirmed(ctx),
            Link::Open | Link::Expired => expired(ctx),
        }),
        Err(other) => Err(other.into()),
    }
}

fn confirmed(ctx: Ctx) -> Response {
    let page = Told {
        icon: "check",
        title: ctx.t("verify-done-title"),
        lead: ctx.t("verify-done-lead").to_owned(),
        hint: None,
        onward: (paths::LOGIN.into(), "verify-done-sign-in"),
        ctx,
    };
    ([NO_REFERRER], Page(page)).into_response()
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
