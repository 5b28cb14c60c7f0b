use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use crate::{
    accounts::{
        Accounts,
        extract::{Proven, SignedIn, to_prove},
        queries,
        second_step::recovery,
    },
    paths,
    web::{Ctx, Form, Nothing, Page, PageError, see_other},
};

/// The codes, this once.
#[derive(Template)]
#[template(path = "accounts/recovery_codes.html")]
pub struct CodesPage {
    pub ctx: Ctx,
    pub codes: Vec<String>,
}

/// `POST /account/security/recovery-codes`
pub async fn create(
    State(accounts): State<Accounts>,
    _: SignedIn,
    proven: Result<Proven, Response>,
    ctx: Ctx,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    let Ok(who) = proven else { return Ok(to_prove(paths::SECURITY)) };
    if !queries::factors(&accounts.pool, who.person.id).await?.has_own() {
        return Ok(see_other(paths::SECURITY));
    }
    let codes = recovery::renew(&accounts, &who).await?;
    Ok(Page(CodesPage { ctx, codes }).into_response())
}
