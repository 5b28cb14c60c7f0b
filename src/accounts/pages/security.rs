use askama::Template;
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};

use super::{passkeys, sessions::Row};
use crate::{
    accounts::{Accounts, SessionId, browser::Browser, extract::SignedIn, queries, second_step::Factors},
    calendar, paths,
    web::{Ctx, Form, Page, PageError, noted},
};

/// How the account is guarded, and the ways to change it.
#[derive(Template)]
#[template(path = "accounts/security.html")]
struct SecurityPage {
    ctx: Ctx,
    email: String,
    /// When the password was last changed, if it ever was.
    changed: Option<String>,
    /// Whether its age is spoken of.
    reminds: bool,
    sessions: Vec<Row>,
    /// How many other browsers are asked for no second step.
    trusted: i64,
    factors: Factors,
    /// Nothing where keys can't be asked for.
    passkeys: Option<Vec<passkeys::Row>>,
}

/// `GET /account/security`
pub async fn show(
    State(accounts): State<Accounts>,
    SignedIn { person }: SignedIn,
    Extension(this): Extension<SessionId>,
    browser: Browser,
    ctx: Ctx,
) -> Result<Response, PageError> {
    let (changed, reminds) = queries::password_age(&accounts.pool, person.id).await?;
    let factors = queries::factors(&accounts.pool, person.id).await?;
    let keys = queries::passkeys(&accounts.pool, person.id).await?;
    let keys: Vec<_> = keys.iter().map(|key| passkeys::Row::of(&ctx, &person, key)).collect();
    let passkeys = accounts.passkeys.is_some().then_some(keys);
    let day = |at| calendar::long_date(calendar::today(at, &person.zone()), ctx.language);
    let changed = changed.map(|at| ctx.t1("security-password-changed", "date", day(at)));
    let sessions = queries::sign_ins(&accounts.pool, person.id, &this.hash()).await?;
    let sessions = sessions.iter().map(|session| Row::of(&ctx, &person, session)).collect();
    let trusted = queries::trusted_elsewhere(&accounts.pool, person.id, &browser).await?;
    let email = person.email.clone();
    Ok(Page(SecurityPage { email, changed, reminds, factors, passkeys, sessions, trusted, ctx }).into_response())
}

#[derive(serde::Deserialize)]
pub struct Reminder {
    remind: String,
}

/// `POST /account/security/password-reminder`
pub async fn remind(
    State(accounts): State<Accounts>,
    SignedIn { person }: SignedIn,
    Form(Reminder { remind }): Form<Reminder>,
) -> Result<Response, PageError> {
    queries::set_password_reminder(&accounts.pool, person.id, remind == "yes").await?;
    Ok(noted(paths::SECURITY, "contact-saved"))
}
