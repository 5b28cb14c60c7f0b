use axum::{
    Extension,
    extract::{Query, State},
    response::{IntoResponse, Response},
};

use super::{
    code::{CodeForm, CodePage, NextForm},
    passkeys::Offer,
};
use crate::{
    accounts::{
        Accounts, SessionId,
        extract::SignedIn,
        next::own_path,
        queries,
        second_step::{self, Way},
    },
    paths::{self, escaped},
    web::{Ctx, Form, Page, PageError, Person, client::Client, see_other},
};

/// `GET /login/prove`: a factor once more, before what must not be done at a browser that was left open.
pub async fn show(
    State(accounts): State<Accounts>,
    SignedIn { person }: SignedIn,
    ctx: Ctx,
    Query(wanted): Query<NextForm>,
) -> Result<Response, PageError> {
    Ok(Page(page(&accounts, &person, ctx, wanted.next.as_deref()).await?).into_response())
}

async fn page(accounts: &Accounts, person: &Person, ctx: Ctx, next: Option<&str>) -> sqlx::Result<CodePage> {
    let factors = queries::factors(&accounts.pool, person.id).await?;
    let (way, next) = (factors.again(), next.and_then(own_path));
    let mut page = CodePage::asking(ctx, way, person, next);
    let offer = Offer::of(accounts, next).filter(|_| factors.passkeys > 0);
    page.passkey = offer.map(|offer| Offer { is_first: way == Way::Passkey, ..offer });
    (page.title, page.submit) = (page.ctx.t("prove-title"), page.ctx.t("prove-submit"));
    page.lead = match way {
        Way::Password => page.ctx.t("prove-password").to_owned(),
        Way::App => page.ctx.t("prove-app").to_owned(),
        Way::Passkey => page.ctx.t("prove-passkey").to_owned(),
        Way::Mail => page.ctx.t("prove-mail").to_owned(),
    };
    page.again = (way == Way::Mail).then_some(paths::PROVE_CODE);
    page.links.push(match next {
        Some(next) if !person.role.is_staff() && !next.starts_with(paths::SECURITY) => {
            (paths::ACCOUNT.to_owned(), "status-to-account")
        }
        _ => (paths::SECURITY.to_owned(), "security-back"),
    });
    Ok(page)
}

/// `POST /login/prove`
pub async fn create(
    State(accounts): State<Accounts>,
    SignedIn { person }: SignedIn,
    Extension(session): Extension<SessionId>,
    ctx: Ctx,
    client: Client,
    Form(given): Form<CodeForm>,
) -> Result<Response, PageError> {
    match second_step::prove(&accounts, &person, &session, (&given.code, &client.to_string())).await {
        Ok(()) => Ok(see_other(given.next.as_deref().and_then(own_path).unwrap_or(paths::SECURITY))),
        Err(refusal) => page(&accounts, &person, ctx, given.next.as_deref()).await?.refused(refusal),
    }
}

/// `POST /login/prove/code`: mails one.
pub async fn send(
    State(accounts): State<Accounts>,
    SignedIn { person }: SignedIn,
    Extension(session): Extension<SessionId>,
    ctx: Ctx,
    client: Client,
    Form(given): Form<NextForm>,
) -> Result<Response, PageError> {
    let next = given.next.as_deref().and_then(own_path).unwrap_or(paths::SECURITY);
    match second_step::mail_code(&accounts, &session, &person, &client.to_string()).await {
        Ok(()) => Ok(see_other(&format!("{}?next={}&note=code-sent", paths::PROVE, escaped(next)))),
        Err(refusal) => page(&accounts, &person, ctx, Some(next)).await?.refused(refusal),
    }
}
