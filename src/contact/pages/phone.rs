use super::show::ContactPage;
use crate::accounts::{Proven, SignedIn, to_prove};
use crate::app::App;
use crate::contact::phone::{self, Proved};
use crate::numbers::Msisdn;
use crate::paths;
use crate::web::limits::Denied;
use crate::web::{Ctx, Form, Nothing, Page, PageError, noted, unprocessable};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

const LONGEST: usize = 40;

#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    phone: String,
}

#[derive(Deserialize)]
pub struct TypedCode {
    #[serde(default)]
    code: String,
}

/// `POST /account/phone`: sends a code to the number.
pub async fn create(
    SignedIn { person }: SignedIn,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    ctx: Ctx,
    Form(Typed { phone: typed }): Form<Typed>,
) -> Result<Response, PageError> {
    if proven.is_err() {
        return Ok(to_prove(paths::CONTACT));
    }
    if !app.texter.can_send() {
        return Err(PageError::NotFound);
    }
    let mut page = ContactPage::read(&app, ctx.clone(), &person).await?;
    page.typed = typed.chars().take(LONGEST).collect();
    let Some(number) = Msisdn::typed(&typed) else {
        page.phone_error = Some(ctx.t("contact-phone-wrong").to_owned());
        return Ok(unprocessable(page));
    };
    if !app.texter.reaches(&number) {
        page.phone_error = Some(ctx.t("contact-phone-elsewhere").to_owned());
        return Ok(unprocessable(page));
    }
    match phone::ask(&app.pool, &app.clock, &person, &number).await {
        Ok(()) => Ok(noted(paths::CONTACT, "contact-code-sent")),
        Err(Denied::TooOften(retry)) => {
            page.phone_error = Some(ctx.t1("contact-too-often", "minutes", retry.minutes()));
            let after = [(header::RETRY_AFTER, retry.seconds.to_string())];
            Ok((StatusCode::TOO_MANY_REQUESTS, after, Page(page)).into_response())
        }
        Err(Denied::Database(error)) => Err(error.into()),
    }
}

/// `POST /account/phone/code`
pub async fn check(
    SignedIn { person }: SignedIn,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    ctx: Ctx,
    Form(TypedCode { code }): Form<TypedCode>,
) -> Result<Response, PageError> {
    let Ok(who) = proven else { return Ok(to_prove(paths::CONTACT)) };
    let error = match phone::prove(&app.pool, &app.clock, &app.base_url, &who, &code).await? {
        Proved::Yes => return Ok(noted(paths::CONTACT, "contact-verified")),
        Proved::Over | Proved::Wrong { left: 0 } => {
            let mut page = ContactPage::read(&app, ctx.clone(), &person).await?;
            page.phone_error = Some(ctx.t("contact-code-over").to_owned());
            return Ok(unprocessable(page));
        }
        Proved::Wrong { left } => ctx.t1("contact-code-wrong", "left", i64::from(left)),
        Proved::NoCode => ctx.t("contact-code-none").to_owned(),
    };
    let mut page = ContactPage::read(&app, ctx, &person).await?;
    page.code_error = Some(error);
    Ok(unprocessable(page))
}

/// `POST /account/phone/remove`
pub async fn remove(
    _: SignedIn,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    let Ok(who) = proven else { return Ok(to_prove(paths::CONTACT)) };
    phone::remove(&app.pool, &app.clock, &app.base_url, &who).await?;
    Ok(noted(paths::CONTACT, "contact-phone-removed"))
}
