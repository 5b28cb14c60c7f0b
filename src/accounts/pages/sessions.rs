use axum::{extract::State, response::Response};

use crate::{
    accounts::{
        Accounts,
        browser::{self, Browser},
        extract::{Proven, SignedIn, to_prove},
        queries::SignIn,
        sessions,
    },
    calendar,
    ids::SignInId,
    paths,
    web::{Ctx, Form, Nothing, PageError, Path, Person, noted},
};

/// One browser that is signed in.
pub struct Row {
    pub browser: String,
    pub place: String,
    pub since: String,
    pub seen: String,
    /// Nothing for the browser the page is read with.
    pub end: Option<String>,
}

impl Row {
    pub fn of(ctx: &Ctx, person: &Person, session: &SignIn) -> Self {
        let place = session.client.as_deref().and_then(browser::shortened);
        Self {
            browser: browser::told(session.user_agent.as_deref(), ctx.language),
            place: match place {
                Some(address) => ctx.t1("session-place", "address", address),
                None => ctx.t("session-place-unknown").to_owned(),
            },
            since: ctx.t1("session-since", "time", when(ctx, person, session.created_at)),
            seen: ctx.t1("session-seen", "time", when(ctx, person, session.last_seen_at)),
            end: (!session.is_this).then(|| paths::end_session(session.id)),
        }
    }
}

fn when(ctx: &Ctx, person: &Person, at: time::OffsetDateTime) -> String {
    let local = calendar::local(at, &person.zone());
    format!("{} {}", calendar::long_date(local.date(), ctx.language), calendar::clock_time(local))
}

/// `POST /account/security/sessions/{session}/end`
pub async fn end(
    State(accounts): State<Accounts>,
    _: SignedIn,
    proven: Result<Proven, Response>,
    Path(session): Path<SignInId>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    let Ok(who) = proven else { return Ok(to_prove(paths::SECURITY)) };
    match sessions::end(&accounts, &who, session).await? {
        true => Ok(noted(paths::SECURITY, "session-ended")),
        false => Err(PageError::NotFound),
    }
}

/// `POST /account/security/sessions/end-others`
pub async fn end_others(
    State(accounts): State<Accounts>,
    _: SignedIn,
    proven: Result<Proven, Response>,
    browser: Browser,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    let Ok(who) = proven else { return Ok(to_prove(paths::SECURITY)) };
    sessions::end_others(&accounts, &who, &browser).await?;
    Ok(noted(paths::SECURITY, "sessions-ended"))
}
