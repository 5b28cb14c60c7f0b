use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    Told,
    form::{Field, FormPage, unfit},
    sign_in::too_often,
};
use crate::{
    accounts::{
        Accounts, Refusal,
        email::EmailAddress,
        name,
        password::fit,
        register::{Registration, register},
    },
    calendar::Zone,
    lang::Lang,
    paths,
    web::{Ctx, Form, Page, PageError, client::Client, unprocessable},
};

#[derive(Deserialize)]
pub struct RegisterForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    time_zone: Option<String>,
}

#[derive(Default)]
struct Errors {
    name: Option<String>,
    email: Option<String>,
    password: Option<String>,
}

/// `GET /register`
pub async fn new(ctx: Ctx) -> Response {
    Page(form(ctx, "", "", Errors::default())).into_response()
}

fn form(ctx: Ctx, name: &str, email: &str, errors: Errors) -> FormPage {
    let fields = vec![
        Field::name(name).wrong(errors.name),
        Field::email(email).hinted().wrong(errors.email),
        Field::new_password().wrong(errors.password),
    ];
    let mut form = FormPage::new(ctx, "register", fields);
    form.links.push((paths::LOGIN.into(), "register-login"));
    form
}

/// `POST /register`
pub async fn create(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    client: Client,
    Form(given): Form<RegisterForm>,
) -> Result<Response, PageError> {
    let (name, email) = match (name::tidied(&given.name), EmailAddress::parse(&given.email)) {
        (Ok(name), Some(email)) => (name, email),
        (name, _) => {
            let password = fit(&given.password, &[&given.email, &given.name]).err().map(|why| unfit(&ctx, why));
            let name = name.err().map(|why| name_error(&ctx, why));
            let errors = Errors { name, email: email_error(&ctx, &given.email), password };
            return Ok(unprocessable(form(ctx, &given.name, &given.email, errors)));
        }
    };
    let new = Registration {
        email: &email,
        name: &name,
        password: &given.password,
        language: ctx.language,
        time_zone: zone(given.time_zone.as_deref(), ctx.language),
        client: &client.to_string(),
    };
    match register(&accounts, new).await {
        Ok(()) => Ok(Page(told(ctx, &email.shown)).into_response()),
        Err(Refusal::Unfit(why)) => {
            let errors = Errors { password: Some(unfit(&ctx, why)), ..Errors::default() };
            Ok(unprocessable(form(ctx, &given.name, &given.email, errors)))
        }
        Err(Refusal::TooOften(retry)) => Ok(too_often(form(ctx, &given.name, &given.email, Errors::default()), retry)),
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

/// What the browser told, else where most readers of the language live; changed in the account at any time.
fn zone(told: Option<&str>, language: Lang) -> &str {
    let guess = if language.is_chinese() { "Asia/Shanghai" } else { "UTC" };
    told.filter(|zone| Zone::parse(zone).is_ok()).unwrap_or(guess)
}
