use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    Told,
    form::{Field, FormPage, unfit},
    sign_in::{to_sign_in, too_often},
};
use crate::{
    accounts::{
        Accounts, Refusal,
        email::EmailAddress,
        name,
        password::fit,
        register::{self, Link, Registration},
    },
    paths,
    web::{Ctx, Form, Page, PageError, client::Client, headers::NO_REFERRER, unprocessable},
};

#[derive(Deserialize)]
pub struct AddressForm {
    #[serde(default)]
    email: String,
}

/// `GET /register`
pub async fn new(ctx: Ctx) -> Response {
    Page(form(ctx, "", None)).into_response()
}

fn form(ctx: Ctx, email: &str, error: Option<String>) -> FormPage {
    let mut form = FormPage::new(ctx, "register", vec![Field::email(email).hinted().wrong(error)]);
    form.links.push((paths::LOGIN.into(), "register-login"));
    form
}

/// `POST /register`
pub async fn create(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    client: Client,
    Form(given): Form<AddressForm>,
) -> Result<Response, PageError> {
    let Some(email) = EmailAddress::parse(&given.email) else {
        let error = email_error(&ctx, &given.email);
        return Ok(unprocessable(form(ctx, &given.email, error)));
    };
    match register::ask(&accounts.pool, &accounts.clock, (&email, ctx.language), &client.to_string()).await {
        Ok(()) => Ok(Page(told(ctx, &email.shown)).into_response()),
        Err(Refusal::TooOften(retry)) => Ok(too_often(form(ctx, &given.email, None), retry)),
        Err(other) => Err(other.into()),
    }
}

fn told(ctx: Ctx, email: &str) -> Told {
    Told {
        icon: "mail",
        title: ctx.t("verify-sent-title"),
        lead: ctx.t1("verify-sent-lead", "email", email),
        hint: Some(ctx.t("forgot-sent-hint")),
        onward: (paths::LOGIN.into(), "forgot-back"),
        ctx,
    }
}

/// `GET /register/{token}`: mail programs open links by themselves, so opening it makes nothing yet.
pub async fn edit(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    Ok(match register::state(&accounts.pool, &accounts.clock, &token).await? {
        Link::Open(email) => ([NO_REFERRER], Page(finish(ctx, &email, "", Errors::default()))).into_response(),
        ended => over(ctx, &ended),
    })
}

#[derive(Deserialize)]
pub struct FinishForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
}

#[derive(Default)]
struct Errors {
    name: Option<String>,
    password: Option<String>,
}

fn finish(ctx: Ctx, email: &EmailAddress, name: &str, errors: Errors) -> FormPage {
    let fields = vec![
        Field::email(&email.shown).fixed(),
        Field::name(name).wrong(errors.name),
        Field::new_password().wrong(errors.password),
    ];
    FormPage::new(ctx, "register-finish", fields)
}

/// `POST /register/{token}`
pub async fn update(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    Path(token): Path<String>,
    Form(given): Form<FinishForm>,
) -> Result<Response, PageError> {
    let email = match register::state(&accounts.pool, &accounts.clock, &token).await? {
        Link::Open(email) => email,
        ended => return Ok(over(ctx, &ended)),
    };
    let name = match name::tidied(&given.name, name::LONGEST) {
        Ok(name) => name,
        Err(why) => {
            let password = fit(&given.password, &[&email.shown]).err().map(|why| unfit(&ctx, why));
            let errors = Errors { name: Some(name_error(&ctx, why)), password };
            return Ok(([NO_REFERRER], unprocessable(finish(ctx, &email, &given.name, errors))).into_response());
        }
    };
    let new = Registration { email: &email, name: &name, password: &given.password, language: ctx.language };
    match register::finish(&accounts, &token, new).await {
        Ok(()) => Ok(to_sign_in(&accounts, "email-confirmed", &email.shown)),
        Err(Refusal::Unfit(why)) => {
            let errors = Errors { password: Some(unfit(&ctx, why)), ..Errors::default() };
            Ok(([NO_REFERRER], unprocessable(finish(ctx, &email, &given.name, errors))).into_response())
        }
        Err(Refusal::LinkExpired) => Ok(over(ctx, &register::state(&accounts.pool, &accounts.clock, &token).await?)),
        Err(other) => Err(other.into()),
    }
}

/// There is an account already, or the link is too old; the status says which.
fn over(ctx: Ctx, link: &Link) -> Response {
    let (status, page) = match link {
        Link::Used => (StatusCode::OK, done(ctx)),
        Link::Open(_) | Link::Expired => (StatusCode::GONE, expired(ctx)),
    };
    (status, [NO_REFERRER], Page(page)).into_response()
}

fn done(ctx: Ctx) -> Told {
    Told {
        icon: "check",
        title: ctx.t("verify-done-title"),
        lead: ctx.t("verify-done-lead").to_owned(),
        hint: None,
        onward: (paths::LOGIN.into(), "verify-done-sign-in"),
        ctx,
    }
}

fn expired(ctx: Ctx) -> Told {
    Told {
        icon: "clock",
        title: ctx.t("verify-expired-title"),
        lead: ctx.t("verify-expired-lead").to_owned(),
        hint: None,
        onward: (paths::REGISTER.into(), "verify-again"),
        ctx,
    }
}

pub fn name_error(ctx: &Ctx, why: name::Unfit) -> String {
    match why {
        name::Unfit::Missing => ctx.t("field-name-missing").to_owned(),
        name::Unfit::TooLong => ctx.t1("field-name-long", "max", name::LONGEST as i64),
    }
}

pub fn email_error(ctx: &Ctx, email: &str) -> Option<String> {
    let key = if email.trim().is_empty() { "field-email-missing" } else { "field-email-invalid" };
    EmailAddress::parse(email).is_none().then(|| ctx.t(key).to_owned())
}
