use axum::{
    extract::State,
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
    web::{Ctx, Form, Nothing, Page, PageError, Person, noted, see_other},
};

/// `GET /account/security/app`: an app that shows codes is told its key.
pub async fn edit(
    State(accounts): State<Accounts>,
    Proven { person }: Proven,
    ctx: Ctx,
) -> Result<Response, PageError> {
    if queries::factors(&accounts.pool, person.id).await?.totp {
        return Ok(see_other(paths::SECURITY));
    }
    Ok(Page(page(&accounts, &person, ctx, None)?).into_response())
}

fn page(accounts: &Accounts, person: &Person, ctx: Ctx, brought: Option<&str>) -> Result<CodePage, Refusal> {
    let enrolment = totp::enrol(accounts, person, brought)?;
    let picture = qr::svg(&enrolment.url, ctx.t("app-qr-title")).map_err(|error| Refusal::Failed(error.into()))?;
    let mut page = CodePage::asking(ctx, Way::App, person, None);
    (page.title, page.submit) = (page.ctx.t("app-title"), page.ctx.t("app-submit"));
    page.lead = page.ctx.t("app-lead").to_owned();
    page.takes_recovery = false;
    page.app = Some(AppKey { picture, key: enrolment.key, sealed: enrolment.sealed });
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
    Proven { person }: Proven,
    ctx: Ctx,
    Form(given): Form<AppForm>,
) -> Result<Response, PageError> {
    match totp::confirm(&accounts, &person, &given.app, &given.code).await {
        Ok(codes) => Ok(Page(CodesPage { ctx, codes }).into_response()),
        Err(Refusal::Wrong) => match page(&accounts, &person, ctx, Some(&given.app)) {
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
    SignedIn { person }: SignedIn,
    proven: Result<Proven, Response>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    if proven.is_err() {
        return Ok(to_prove(paths::SECURITY));
    }
    totp::remove(&accounts, &person).await?;
    Ok(noted(paths::SECURITY, "app-removed"))
}
