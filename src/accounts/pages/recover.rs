use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    Told,
    form::{Field, FormPage, unfit},
    register::email_error,
    sign_in::{to_sign_in, too_often},
};
use crate::{
    accounts::{Accounts, Refusal, browser::Browser, recover},
    paths,
    web::{Ctx, Form, Page, PageError, client::Client, headers::NO_REFERRER, unprocessable},
};

#[derive(Deserialize)]
pub struct ForgotForm {
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
pub struct ResetForm {
    #[serde(default)]
    password: String,
}

/// `GET /password/forgot`
pub async fn new(ctx: Ctx) -> Response {
    Page(forgot(ctx, "", None)).into_response()
}

fn forgot(ctx: Ctx, email: &str, error: Option<String>) -> FormPage {
    let mut form = FormPage::new(ctx, "forgot", vec![Field::email(email).wrong(error)]);
    form.links.push((paths::LOGIN.into(), "forgot-back"));
    form
}

/// `POST /password/forgot`
pub async fn create(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    browser: Browser,
    Form(given): Form<ForgotForm>,
) -> Result<Response, PageError> {
    if let Some(error) = email_error(&ctx, &given.email) {
        return Ok(unprocessable(forgot(ctx, &given.email, Some(error))));
    }
    match recover::ask(&accounts.pool, &accounts.clock, &given.email, &browser).await {
        Err(Refusal::TooOften(retry)) => return Ok(too_often(forgot(ctx, &given.email, None), retry)),
        asked => asked?,
    }
    let page = Told {
        icon: "mail",
        title: ctx.t("forgot-sent-title"),
        lead: ctx.t1("forgot-sent-lead", "email", given.email.trim()),
        hint: Some(ctx.t("forgot-sent-hint")),
        onward: (paths::LOGIN.into(), "forgot-back"),
        ctx,
    };
    Ok(Page(page).into_response())
}

/// `GET /password/reset/{token}`
pub async fn edit(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    if !recover::is_open(&accounts.pool, &accounts.clock, &token).await? {
        return Ok(expired(ctx));
    }
    Ok(([NO_REFERRER], Page(reset(ctx, None))).into_response())
}

fn reset(ctx: Ctx, error: Option<String>) -> FormPage {
    FormPage::new(ctx, "reset", vec![Field::new_password().wrong(error)])
}

/// `POST /password/reset/{token}`
pub async fn update(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    client: Client,
    Path(token): Path<String>,
    Form(given): Form<ResetForm>,
) -> Result<Response, PageError> {
    match recover::reset(&accounts, &token, &given.password, &client.to_string()).await {
        Ok(email) => Ok(to_sign_in(&accounts, "password-changed", &email)),
        Err(Refusal::LinkExpired) => Ok(expired(ctx)),
        Err(Refusal::Unfit(why)) => {
            let error = unfit(&ctx, why);
            Ok(([NO_REFERRER], unprocessable(reset(ctx, Some(error)))).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

fn expired(ctx: Ctx) -> Response {
    let page = Told {
        icon: "clock",
        title: ctx.t("reset-expired-title"),
        lead: ctx.t("reset-expired-lead").to_owned(),
        hint: None,
        onward: (paths::FORGOT_PASSWORD.into(), "reset-again"),
        ctx,
    };
    (StatusCode::GONE, [NO_REFERRER], Page(page)).into_response()
}
