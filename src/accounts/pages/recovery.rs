use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use crate::{
    accounts::{Accounts, extract::Proven, queries, second_step::recovery},
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
    Proven { person }: Proven,
    ctx: Ctx,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    if !queries::factors(&accounts.pool, person.id).await?.has_own() {
        return Ok(see_other(paths::SECURITY));
    }
    let codes = recovery::renew(&accounts, &person).await?;
    Ok(Page(CodesPage { ctx, codes }).into_response())
}
