//! Signing in with a code by mail. Whoever has the address, the answers and the work are the same.
use axum::{
    Extension,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    code::{CodeForm, CodePage, NextForm},
    form::{Field, FormPage},
    register::email_error,
    sign_in::{too_often, welcome},
};
use crate::{
    accounts::{
        Accounts, Refusal, SessionId,
        browser::Browser,
        login_code::{self, Mailbox},
        next::own_path,
    },
    numbers::Msisdn,
    paths::{self, escaped},
    web::{Ctx, Form, Page, PageError, see_other, unprocessable},
};

/// Which browser asked, and so where the code is good.
const COOKIE: &str = "code";
const A_QUARTER_HOUR: u32 = 15 * 60;

#[derive(Deserialize)]
pub struct EmailForm {
    #[serde(default)]
    email: String,
    next: Option<String>,
}

/// `GET /login/code`
pub async fn new(State(accounts): State<Accounts>, ctx: Ctx, Query(wanted): Query<NextForm>) -> Response {
    Page(form(&accounts, ctx, "", wanted.next.as_deref(), None)).into_response()
}

fn form(accounts: &Accounts, ctx: Ctx, typed: &str, next: Option<&str>, error: Option<String>) -> FormPage {
    let (page, field) = match accounts.texter.can_send() {
        true => ("login-code-or-text", Field { kind: "text", ..Field::email(typed) }),
        false => ("login-code", Field::email(typed)),
    };
    let mut form = FormPage::new(ctx, page, vec![field.wrong(error)]);
    form.links.push((paths::LOGIN.into(), "login-code-back"));
    if let Some(next) = next.and_then(own_path) {
        form.hidden.push(("next", next.to_owned()));
    }
    form
}

/// `POST /login/code`
pub async fn create(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    browser: Browser,
    Form(given): Form<EmailForm>,
) -> Result<Response, PageError> {
    let next = given.next.as_deref();
    let to = match mailbox(&accounts, &ctx, &given.email) {
        Ok(to) => to,
        Err(error) => return Ok(unprocessable(form(&accounts, ctx, &given.email, next, Some(error)))),
    };
    let asked_by = SessionId::random();
    match login_code::ask(&accounts, &to, &asked_by, &browser).await {
        Ok(()) => {
            let cookie = accounts.cookies().set(COOKIE, &asked_by.reveal(), Some(A_QUARTER_HOUR));
            let headers: HeaderMap = cookie.into_iter().map(|cookie| (header::SET_COOKIE, cookie)).collect();
            let next = next.and_then(own_path).unwrap_or_default();
            let onward = format!("{}?next={}", paths::LOGIN_CODE_CONFIRM, escaped(next));
            Ok((headers, see_other(&onward)).into_response())
        }
        Err(Refusal::TooOften(retry)) => Ok(too_often(form(&accounts, ctx, &given.email, next, None), retry)),
        Err(other) => Err(other.into()),
    }
}

/// An address, or where texts can be sent a telephone. Whether anybody has it is not said.
fn mailbox<'a>(accounts: &Accounts, ctx: &Ctx, typed: &'a str) -> Result<Mailbox<'a>, String> {
    let is_number = !typed.contains('@') && typed.chars().any(|c| c.is_ascii_digit());
    if !accounts.texter.can_send() || !is_number {
        return email_error(ctx, typed).map_or(Ok(Mailbox::Address(typed)), Err);
    }
    let number = Msisdn::typed(typed).filter(|number| accounts.texter.reaches(number));
    number.map(Mailbox::Phone).ok_or_else(|| ctx.t("login-code-phone-wrong").to_owned())
}

/// `GET /login/code/confirm`
pub async fn edit(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    headers: HeaderMap,
    Query(wanted): Query<NextForm>,
) -> Response {
    match asked_by(&accounts, &headers) {
        Some(_) => Page(page(ctx, wanted.next.as_deref())).into_response(),
        None => see_other(paths::LOGIN_CODE),
    }
}

fn page(ctx: Ctx, next: Option<&str>) -> CodePage {
    CodePage {
        title: ctx.t("login-code-confirm-title"),
        lead: ctx.t("login-code-confirm-lead").to_owned(),
        submit: ctx.t("login-submit"),
        problem: None,
        is_password: false,
        takes_recovery: false,
        only_recovery: false,
        remembers: false,
        next: next.and_then(own_path).map(str::to_owned),
        again: None,
        app: None,
        passkey: None,
        links: vec![(paths::LOGIN_CODE.to_owned(), "login-code-again"), (paths::LOGIN.to_owned(), "login-code-back")],
        ctx,
    }
}

/// `POST /login/code/confirm`
pub async fn confirm(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    browser: Browser,
    before: Option<Extension<SessionId>>,
    headers: HeaderMap,
    Form(given): Form<CodeForm>,
) -> Result<Response, PageError> {
    let Some(asked_by) = asked_by(&accounts, &headers) else { return Ok(see_other(paths::LOGIN_CODE)) };
    let before = before.as_ref().map(|session| &session.0);
    let next = given.next.as_deref().and_then(own_path);
    match login_code::sign_in(&accounts, &asked_by, &given.code, (&browser, before)).await {
        Ok(admitted) => {
            let mut response = welcome(&accounts, admitted, &browser, next);
            if let Some(cookie) = accounts.cookies().clear(COOKIE) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(refusal) => page(ctx, next).refused(refusal),
    }
}

fn asked_by(accounts: &Accounts, headers: &HeaderMap) -> Option<SessionId> {
    accounts.cookies().read(headers, COOKIE).and_then(SessionId::parse)
}
