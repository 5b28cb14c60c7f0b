use askama::Template;
use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{code::NextForm, recovery::CodesPage, second_step::to_second_step, sign_in::welcome};
use crate::{
    accounts::{
        Accounts, Refusal, SessionId,
        browser::{self, Browser},
        extract::{MaybeSignedIn, Proven, SignedIn, to_prove},
        next::own_path,
        passkeys::{self, Answer, LONGEST_NAME, MOST, Passkeys},
        queries::{self, PasskeyRow},
        recognise::Halfway,
    },
    calendar,
    ids::PasskeyId,
    paths::{self, escaped},
    web::{Ctx, Form, Nothing, Page, PageError, Path, Person, client::Client, noted, see_other, unprocessable},
};

/// The button that asks for a key, beside a form.
pub struct Offer {
    pub next: Option<String>,
    /// Also offered by the browser where the address is typed.
    pub autofill: bool,
    /// Above the form, not below it.
    pub is_first: bool,
}

impl Offer {
    pub fn of(accounts: &Accounts, next: Option<&str>) -> Option<Self> {
        accounts.passkeys.is_some().then(|| Self { next: next.map(str::to_owned), autofill: false, is_first: false })
    }
}

/// One of somebody's keys.
pub struct Row {
    pub name: String,
    pub added: String,
    pub used: Option<String>,
    pub remove: String,
}

impl Row {
    pub fn of(ctx: &Ctx, person: &Person, passkey: &PasskeyRow) -> Self {
        let day = |at| calendar::long_date(calendar::today(at, &person.zone()), ctx.language);
        Self {
            name: passkey.name.clone(),
            added: ctx.t1("passkey-added", "date", day(passkey.created_at)),
            used: passkey.used_at.map(|at| ctx.t1("passkey-used", "date", day(at))),
            remove: paths::remove_passkey(passkey.id),
        }
    }
}

#[derive(Deserialize)]
pub struct Given {
    #[serde(default)]
    ceremony: String,
    #[serde(default)]
    credential: String,
    next: Option<String>,
    #[serde(default)]
    name: String,
}

impl Given {
    fn answer(&self) -> Result<Answer<'_>, Refusal> {
        let ceremony = self.ceremony.parse().map_err(|_| Refusal::Wrong)?;
        Ok(Answer { ceremony, credential: &self.credential })
    }
}

fn offered(accounts: &Accounts) -> Result<&Passkeys, PageError> {
    accounts.passkeys.as_ref().ok_or(PageError::NotFound)
}

/// `POST /login/passkey/options`: what a browser is to ask a key.
pub async fn options(
    State(accounts): State<Accounts>,
    client: Client,
    _sealed: Form<NextForm>,
) -> Result<Response, PageError> {
    let asked = passkeys::begin(&accounts, offered(&accounts)?, &client.to_string()).await?;
    Ok(Json(asked).into_response())
}

/// `POST /login/passkey`: signs in, or proves once more who is there.
pub async fn give(
    State(accounts): State<Accounts>,
    MaybeSignedIn { person }: MaybeSignedIn,
    halfway: Option<Extension<Halfway>>,
    before: Option<Extension<SessionId>>,
    browser: Browser,
    Form(given): Form<Given>,
) -> Result<Response, PageError> {
    let passkeys = offered(&accounts)?;
    let next = given.next.as_deref().and_then(own_path);
    let before = before.as_ref().map(|session| &session.0);
    let done = match (given.answer(), person.as_ref().zip(before)) {
        (Err(refusal), _) => Err(refusal),
        (Ok(answer), Some(who)) => passkeys::prove(&accounts, passkeys, who, (answer, &browser.client))
            .await
            .map(|()| see_other(next.unwrap_or(paths::SECURITY))),
        (Ok(answer), None) => passkeys::sign_in(&accounts, passkeys, answer, (&browser, before))
            .await
            .map(|admitted| welcome(&accounts, admitted, &browser, next)),
    };
    match done {
        Err(Refusal::Wrong) => Ok(see_other(&back(person.is_some(), halfway.is_some(), next))),
        done => Ok(done?),
    }
}

/// To the page whose button it was.
fn back(signed_in: bool, half: bool, next: Option<&str>) -> String {
    let door = match (signed_in, half) {
        (true, _) => paths::PROVE,
        (_, true) => return to_second_step(next, "&note=passkey-refused"),
        _ => paths::LOGIN,
    };
    format!("{door}?note=passkey-refused&next={}", escaped(next.unwrap_or_default()))
}

#[derive(Template)]
#[template(path = "accounts/passkey.html")]
struct NewPage {
    ctx: Ctx,
    name: String,
    problem: bool,
}

/// `GET /account/security/passkeys`
pub async fn new(
    State(accounts): State<Accounts>,
    Proven { person, .. }: Proven,
    ctx: Ctx,
    browser: Browser,
) -> Result<Response, PageError> {
    offered(&accounts)?;
    if queries::passkeys(&accounts.pool, person.id).await?.len() >= MOST {
        return Ok(see_other(paths::SECURITY));
    }
    let name = browser::told(browser.agent.as_deref(), ctx.language);
    Ok(Page(NewPage { ctx, name, problem: false }).into_response())
}

/// `POST /account/security/passkeys/options`
pub async fn creation_options(
    State(accounts): State<Accounts>,
    SignedIn { person }: SignedIn,
    proven: Result<Proven, Response>,
    _sealed: Form<NextForm>,
) -> Result<Response, PageError> {
    if proven.is_err() {
        return Ok(to_prove(paths::PASSKEYS));
    }
    Ok(Json(passkeys::begin_to_add(&accounts, offered(&accounts)?, &person).await?).into_response())
}

/// `POST /account/security/passkeys`
pub async fn create(
    State(accounts): State<Accounts>,
    who: Proven,
    ctx: Ctx,
    browser: Browser,
    Form(given): Form<Given>,
) -> Result<Response, PageError> {
    let passkeys = offered(&accounts)?;
    let typed: String = given.name.trim().chars().take(LONGEST_NAME).collect();
    let name = if typed.is_empty() { browser::told(browser.agent.as_deref(), ctx.language) } else { typed };
    let added = match given.answer() {
        Ok(answer) => passkeys::add(&accounts, passkeys, &who, (answer, &name)).await,
        Err(refusal) => Err(refusal),
    };
    match added {
        Ok(Some(codes)) => Ok(Page(CodesPage { ctx, codes }).into_response()),
        Ok(None) => Ok(noted(paths::SECURITY, "passkey-added")),
        Err(Refusal::Wrong) => Ok(unprocessable(NewPage { ctx, name, problem: true })),
        Err(other) => Err(other.into()),
    }
}

/// `POST /account/security/passkeys/{passkey}/remove`
pub async fn remove(
    State(accounts): State<Accounts>,
    _: SignedIn,
    proven: Result<Proven, Response>,
    Path(passkey): Path<PasskeyId>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    let Ok(who) = proven else { return Ok(to_prove(paths::SECURITY)) };
    match passkeys::remove(&accounts, &who, passkey).await? {
        true => Ok(noted(paths::SECURITY, "passkey-removed")),
        false => Err(PageError::NotFound),
    }
}
