use axum::{extract::State, http::header, response::Response};
use serde::Deserialize;

use crate::{
    accounts::{Accounts, extract::MaybeSignedIn, language, next::own_path},
    lang::Lang,
    paths,
    web::{Form, LANGUAGE_COOKIE, PageError, see_other},
};

const A_YEAR: u32 = 365 * 24 * 60 * 60;

#[derive(Deserialize)]
pub struct LanguageForm {
    language: String,
    back: Option<String>,
}

/// `POST /language`
pub async fn update(
    State(accounts): State<Accounts>,
    MaybeSignedIn { person }: MaybeSignedIn,
    Form(given): Form<LanguageForm>,
) -> Result<Response, PageError> {
    let language = Lang::parse(&given.language).ok_or(PageError::BadRequest)?;
    language::choose(&accounts.pool, person.as_ref(), language).await?;
    let mut response = see_other(given.back.as_deref().and_then(own_path).unwrap_or(paths::HOME));
    if let Some(cookie) = accounts.cookies().set(LANGUAGE_COOKIE, language.code(), Some(A_YEAR)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
