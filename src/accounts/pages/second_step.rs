use axum::{
    Extension,
    extract::{Query, State},
    response::{IntoResponse, Response},
};

use super::{
    code::{CodeForm, CodePage, NextForm},
    passkeys::Offer,
    sign_in::welcome,
};
use crate::{
    accounts::{
        Accounts, SessionId,
        browser::Browser,
        extract::HalfSignedIn,
        next::own_path,
        queries,
        recognise::Halfway,
        second_step::{self, Passed, Way},
        session::Stage,
        sign_in::Admitted,
    },
    paths::{self, escaped},
    web::{Ctx, Form, Page, PageError, client::Client, see_other},
};

/// `GET /login/second-step`
pub async fn show(
    State(accounts): State<Accounts>,
    HalfSignedIn(halfway): HalfSignedIn,
    ctx: Ctx,
    Query(wanted): Query<NextForm>,
) -> Result<Response, PageError> {
    Ok(Page(page(&accounts, &halfway, ctx, wanted.next.as_deref()).await?).into_response())
}

async fn page(accounts: &Accounts, halfway: &Halfway, ctx: Ctx, next: Option<&str>) -> sqlx::Result<CodePage> {
    let factors = queries::factors(&accounts.pool, halfway.person.id).await?;
    let way = factors.after(halfway.first);
    let next = next.and_then(own_path);
    let mut page = CodePage::asking(ctx, way, &halfway.person, next);
    let offer = Offer::of(accounts, next).filter(|_| factors.passkeys > 0);
    page.passkey = offer.map(|offer| Offer { is_first: way == Way::Passkey, ..offer });
    page.remembers = true;
    page.again = (way == Way::Mail).then_some(paths::SECOND_STEP_CODE);
    if matches!(way, Way::App | Way::Passkey) {
        page.links.push((paths::LOST_SECOND_STEP.to_owned(), "second-step-lost"));
    }
    page.links.push((paths::LOGIN.to_owned(), "second-step-anew"));
    Ok(page)
}

/// `POST /login/second-step`
pub async fn create(
    State(accounts): State<Accounts>,
    HalfSignedIn(halfway): HalfSignedIn,
    Extension(session): Extension<SessionId>,
    ctx: Ctx,
    browser: Browser,
    Form(given): Form<CodeForm>,
) -> Result<Response, PageError> {
    let browser = if given.remember.is_some() { browser.trusted_anew() } else { browser };
    let passed = Passed { session: &session, given: &given.code, browser: &browser };
    match second_step::pass(&accounts, &halfway, passed).await {
        Ok(session) => {
            let admitted = Admitted { session, role: halfway.person.role, stage: Stage::Whole };
            Ok(welcome(&accounts, admitted, &browser, given.next.as_deref().and_then(own_path)))
        }
        Err(refusal) => page(&accounts, &halfway, ctx, given.next.as_deref()).await?.refused(refusal),
    }
}

/// `POST /login/second-step/code`: another one, to the same mailbox.
pub async fn send(
    State(accounts): State<Accounts>,
    HalfSignedIn(halfway): HalfSignedIn,
    Extension(session): Extension<SessionId>,
    ctx: Ctx,
    client: Client,
    Form(given): Form<NextForm>,
) -> Result<Response, PageError> {
    match second_step::mail_code(&accounts, &session, &halfway.person, &client.to_string()).await {
        Ok(()) => Ok(see_other(&to_second_step(given.next.as_deref(), "&note=code-sent"))),
        Err(refusal) => page(&accounts, &halfway, ctx, given.next.as_deref()).await?.refused(refusal),
    }
}

/// The page that asks for the second step, and leads on to `next`.
pub fn to_second_step(next: Option<&str>, more: &str) -> String {
    let next = next.and_then(own_path).unwrap_or_default();
    format!("{}?next={}{more}", paths::SECOND_STEP, escaped(next))
}
