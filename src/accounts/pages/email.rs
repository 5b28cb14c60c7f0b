use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    Told,
    form::{Field, FormPage},
    register::email_error,
    sign_in::too_often,
};
use crate::{
    accounts::{
        Accounts, Refusal, change_email,
        email::{EmailAddress, key},
        extract::Proven,
    },
    paths,
    web::{Ctx, Form, Nothing, Page, PageError, client::Client, headers::NO_REFERRER, unprocessable},
};

#[derive(Deserialize)]
pub struct EmailForm {
    #[serde(default)]
    email: String,
}

/// `GET /account/security/email`
pub async fn edit(_: Proven, ctx: Ctx) -> Response {
    Page(form(ctx, "", None)).into_response()
}

fn form(ctx: Ctx, email: &str, wrong: Option<String>) -> FormPage {
    let email = Field { autocomplete: "email", ..Field::email(email) }.hinted().wrong(wrong);
    let mut form = FormPage::new(ctx, "change-email", vec![email]);
    form.links.push((paths::SECURITY.into(), "security-back"));
    form
}

/// `POST /account/security/email`
pub async fn update(
    State(accounts): State<Accounts>,
    who: Proven,
    ctx: Ctx,
    client: Client,
    Form(given): Form<EmailForm>,
) -> Result<Response, PageError> {
    let Some(email) = EmailAddress::parse(&given.email) else {
        let error = email_error(&ctx, &given.email);
        return Ok(unprocessable(form(ctx, &given.email, error)));
    };
    if email.key == key(&who.person.email) {
        let error = ctx.t("field-email-same").to_owned();
        return Ok(unprocessable(form(ctx, &given.email, Some(error))));
    }
    match change_email::ask(&accounts, &who, &email, &client.to_string()).await {
        Ok(()) => Ok(Page(asked(ctx, &email.shown)).into_response()),
        Err(Refusal::TooOften(retry)) => Ok(too_often(form(ctx, &given.email, None), retry)),
        Err(other) => Err(other.into()),
    }
}

fn asked(ctx: Ctx, email: &str) -> Told {
    Told {
        icon: "mail",
        title: ctx.t("verify-sent-title"),
        lead: ctx.t1("change-email-sent-lead", "email", email),
        hint: Some(ctx.t("forgot-sent-hint")),
        onward: (paths::SECURITY.into(), "security-back"),
        ctx,
    }
}

/// `GET /email/confirm/{token}`: mail programs open links by themselves, so opening it changes nothing yet.
pub async fn show(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    if !change_email::is_open(&accounts.pool, &accounts.clock, &token).await? {
        return Ok(expired(ctx));
    }
    Ok(([NO_REFERRER], Page(FormPage::new(ctx, "take-email", vec![]))).into_response())
}

/// `POST /email/confirm/{token}`
pub async fn confirm(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    match change_email::confirm(&accounts, &token).await {
        Ok(email) => Ok(([NO_REFERRER], Page(done(ctx, &email))).into_response()),
        Err(Refusal::LinkExpired) => Ok(expired(ctx)),
        Err(other) => Err(other.into()),
    }
}

fn done(ctx: Ctx, email: &str) -> Told {
    Told {
        icon: "check",
        title: ctx.t("take-email-done-title"),
        lead: ctx.t1("take-email-done-lead", "email", email),
        hint: None,
        onward: (paths::SECURITY.into(), "security-back"),
        ctx,
    }
}

fn expired(ctx: Ctx) -> Response {
    let page = Told {
        icon: "clock",
        title: ctx.t("take-email-expired-title"),
        lead: ctx.t("take-email-expired-lead").to_owned(),
        hint: None,
        onward: (paths::CHANGE_EMAIL.into(), "take-email-again"),
        ctx,
    };
    (StatusCode::GONE, [NO_REFERRER], Page(page)).into_response()
}
