use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    code::{AppKey, CodePage},
    recovery::CodesPage,
};
use crate::{
    accounts::{
        Accounts, Refusal,
        extract::{Proven, SignedIn, to_prove},
        queries,
        second_step::{Way, totp},
    },
    paths, qr,
    web::{Ctx, Form, Nothing, Page, PageError, noted, see_other},
};

/// The sealed key that is offered to the app.
const COOKIE: &str = "app";
const A_QUARTER_HOUR: u32 = 15 * 60;

/// `GET /account/security/app`: an app that shows codes is told its key.
pub async fn edit(
    State(accounts): State<Accounts>,
    who: Proven,
    headers: HeaderMap,
    ctx: Ctx,
) -> Result<Response, PageError> {
    if queries::factors(&accounts.pool, who.person.id).await?.totp {
        return Ok(see_other(paths::SECURITY));
    }
    let offered = accounts.cookies().read(&headers, COOKIE);
    let page = match page(&accounts, &who, ctx.clone(), offered) {
        // Too old for today's keys, or somebody else's.
        Err(Refusal::Wrong) => page(&accounts, &who, ctx, None)?,
        page => page?,
    };
    let sealed = page.app.as_ref().map(|app| app.sealed.clone()).unwrap_or_default();
    let mut response = Page(page).into_response();
    // Whoever goes to the app and comes back to a page that was loaded anew finds the same key.
    keep(&mut response, accounts.cookies().set(COOKIE, &sealed, Some(A_QUARTER_HOUR)));
    Ok(response)
}

fn keep(response: &mut Response, cookie: Option<HeaderValue>) {
    response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
}

fn page(accounts: &Accounts, who: &Proven, ctx: Ctx, brought: Option<&str>) -> Result<CodePage, Refusal> {
    let enrolment = totp::enrol(accounts, who, brought)?;
    let picture = qr::svg(&enrolment.url, ctx.t("app-qr-title")).map_err(|error| Refusal::Failed(error.into()))?;
    let mut page = CodePage::asking(ctx, Way::App, &who.person, None);
    (page.title, page.submit) = (page.ctx.t("app-title"), page.ctx.t("app-submit"));
    page.lead = page.ctx.t("app-lead").to_owned();
    page.takes_recovery = false;
    page.app = Some(AppKey { picture, url: enrolment.url, key: enrolment.key, sealed: enrolment.sealed });
    page.links.push((paths::SECURITY.to_owned(), "security-back"));
    Ok(page)
}

#[derive(Deserialize)]
pub struct AppForm {
    #[serde(default)]
    app: String,
    #[serde(default)]
    code: String,
}

/// `POST /account/security/app`: the first code it shows.
pub async fn update(
    State(accounts): State<Accounts>,
    who: Proven,
    ctx: Ctx,
    Form(given): Form<AppForm>,
) -> Result<Response, PageError> {
    match totp::confirm(&accounts, &who, &given.app, &given.code).await {
        Ok(codes) => {
            let mut response = Page(CodesPage { ctx, codes }).into_response();
            keep(&mut response, accounts.cookies().clear(COOKIE));
            Ok(response)
        }
        Err(Refusal::Wrong) => match page(&accounts, &who, ctx, Some(&given.app)) {
            Ok(page) => page.refused(Refusal::Wrong),
            // Not a key of ours: a new one.
            Err(_) => Ok(see_other(paths::APP)),
        },
        Err(other) => Err(other.into()),
    }
}

/// `POST /account/security/app/remove`
pub async fn remove(
    State(accounts): State<Accounts>,
    _: SignedIn,
    proven: Result<Proven, Response>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    let Ok(who) = proven else { return Ok(to_prove(paths::SECURITY)) };
    totp::remove(&accounts, &who).await?;
    Ok(noted(paths::SECURITY, "app-removed"))
}
