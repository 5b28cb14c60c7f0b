use axum::{
    Extension,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    form::{Field, FormPage, unfit},
    sign_in::too_often,
};
use crate::{
    accounts::{
        Accounts, Refusal, SessionId,
        browser::Browser,
        change_password::{Change, change_password},
        extract::SignedIn,
        session,
    },
    paths,
    web::{Ctx, Form, Page, PageError, noted, unprocessable},
};

#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
}

/// `GET /account/security/password`
pub async fn edit(_: SignedIn, ctx: Ctx) -> Response {
    Page(form(ctx, None, None)).into_response()
}

fn form(ctx: Ctx, current: Option<String>, new: Option<String>) -> FormPage {
    let fields = vec![Field::current_password().wrong(current), Field::new_password().wrong(new)];
    let mut form = FormPage::new(ctx, "change-password", fields);
    form.links.push((paths::SECURITY.into(), "security-back"));
    form.links.push((paths::FORGOT_PASSWORD.into(), "login-forgot"));
    form
}

/// `POST /account/security/password`
pub async fn update(
    State(accounts): State<Accounts>,
    SignedIn { person }: SignedIn,
    ctx: Ctx,
    browser: Browser,
    Extension(session): Extension<SessionId>,
    Form(given): Form<PasswordForm>,
) -> Result<Response, PageError> {
    let change = Change { current: &given.current, new: &given.password, browser: &browser, session: &session };
    match change_password(&accounts, &person, change).await {
        Ok(session) => {
            let mut response = noted(paths::SECURITY, "password-is-new");
            if let Some(cookie) = accounts.cookies().set(session::COOKIE, &session.reveal(), None) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(Refusal::Wrong) => {
            let error = ctx.t("field-current-wrong").to_owned();
            Ok(unprocessable(form(ctx, Some(error), None)))
        }
        Err(Refusal::Unfit(why)) => {
            let error = unfit(&ctx, why);
            Ok(unprocessable(form(ctx, None, Some(error))))
        }
        Err(Refusal::TooOften(retry)) => Ok(too_often(form(ctx, None, None), retry)),
        Err(other) => Err(other.into()),
    }
}
