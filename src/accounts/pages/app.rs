use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use super::{
    code::{AppKey, CodeForm, CodePage},
    recovery::CodesPage,
};
use crate::{
    accounts::{
        Accounts, Refusal,
        extract::Proven,
        second_step::{Way, totp},
    },
    paths, qr,
    web::{Ctx, Form, Nothing, Page, PageError, Person, see_other},
};

/// `GET /account/security/app`: an app that shows codes is told its key.
pub async fn edit(
    State(accounts): State<Accounts>,
    Proven { person }: Proven,
    ctx: Ctx,
) -> Result<Response, PageError> {
    match page(&accounts, &person, ctx).await {
        Ok(page) => Ok(Page(page).into_response()),
        Err(Refusal::Wrong) => Ok(see_other(paths::SECURITY)),
        Err(other) => Err(other.into()),
    }
}

async fn page(accounts: &Accounts, person: &Person, ctx: Ctx) -> Result<CodePage, Refusal> {
    let enrolment = totp::enrol(accounts, person).await?;
    let picture = qr::svg(&enrolment.url, ctx.t("app-qr-title")).map_err(|error| Refusal::Failed(error.into()))?;
    let mut page = CodePage::asking(ctx, Way::App, person, None);
    (page.title, page.submit) = (page.ctx.t("app-title"), page.ctx.t("app-submit"));
    page.lead = page.ctx.t("app-lead").to_owned();
    page.takes_recovery = false;
    page.app = Some(AppKey { picture, key: enrolment.key });
    page.links.push((paths::SECURITY.to_owned(), "security-back"));
    Ok(page)
}

/// `POST /account/security/app`: the first code it shows.
pub async fn update(
    State(accounts): State<Accounts>,
    Proven { person }: Proven,
    ctx: Ctx,
    Form(given): Form<CodeForm>,
) -> Result<Response, PageError> {
    match totp::confirm(&accounts, &person, &given.code).await {
        Ok(codes) => Ok(Page(CodesPage { ctx, codes }).into_response()),
        Err(Refusal::Wrong) => match page(&accounts, &person, ctx).await {
            Ok(page) => page.refused(Refusal::Wrong),
            Err(Refusal::Wrong) => Ok(see_other(paths::SECURITY)),
            Err(other) => Err(other.into()),
        },
        Err(other) => Err(other.into()),
    }
}

/// `POST /account/security/app/remove`
pub async fn remove(
    State(accounts): State<Accounts>,
    Proven { person }: Proven,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    totp::remove(&accounts, &person).await?;
    Ok(see_other(&format!("{}?note=app-removed", paths::SECURITY)))
}
