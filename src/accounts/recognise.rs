//! Middleware of every page: finds out who is asking, and gives the request its form token.
use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};
use sqlx::PgPool;

use super::session::{self, First, Found, SessionId, Stage};
use crate::config::SecondStep;
use crate::web::{
    CsrfToken, Lent, Person,
    cookies::Cookies,
    csrf::{VISITOR_COOKIE, visitor_secret},
};

#[derive(Clone)]
pub struct Doorkeeper {
    pub pool: PgPool,
    pub cookies: Cookies,
    pub second_step: SecondStep,
}

/// The sessions could not be read: public pages go on, nobody is taken for somebody.
#[derive(Clone, Copy, Debug)]
pub struct Unrecognisable;

/// The first factor was right. This is nobody yet, but to the page that asks for the second.
#[derive(Clone, Debug)]
pub struct Halfway {
    pub person: Person,
    pub first: First,
}

/// Staff who have to set up an app or a key before anything else.
#[derive(Clone, Copy, Debug)]
pub struct LacksFactor;

/// Whoever is signed in gave a factor a short while ago.
#[derive(Clone, Copy, Debug)]
pub struct Lately;

pub async fn recognise(State(door): State<Doorkeeper>, mut request: Request, next: Next) -> Response {
    let session = door.cookies.read(request.headers(), session::COOKIE).and_then(SessionId::parse);
    request.extensions_mut().insert(door.cookies);
    if let Some((session, found)) = known(&door.pool, session, &mut request).await {
        let extensions = request.extensions_mut();
        extensions.insert(CsrfToken::derived_from(&session.reveal()));
        extensions.insert(session);
        if found.proven {
            extensions.insert(Lately);
        }
        if found.lacks_own_factor && door.second_step == SecondStep::Required {
            extensions.insert(LacksFactor);
        }
        match found.stage {
            Stage::Whole => drop(extensions.insert(found.person)),
            Stage::SecondStep => drop(extensions.insert(Halfway { person: found.person, first: found.first })),
        }
        return next.run(request).await;
    }
    let (secret, new) = visitor_secret(door.cookies.read(request.headers(), VISITOR_COOKIE));
    request.extensions_mut().insert(CsrfToken::derived_from(&secret));
    let mut response = next.run(request).await;
    if let Some(cookie) = new.then(|| door.cookies.set(VISITOR_COOKIE, &secret, None)).flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn known(pool: &PgPool, session: Option<SessionId>, request: &mut Request) -> Option<(SessionId, Found)> {
    let session = session?;
    match look(pool, &session, request).await {
        Ok(found) => Some((session, found?)),
        Err(error) => {
            tracing::error!(%error, "the session could not be read");
            request.extensions_mut().insert(Unrecognisable);
            None
        }
    }
}

async fn look(pool: &PgPool, session: &SessionId, request: &mut Request) -> sqlx::Result<Option<Found>> {
    let mut conn = pool.acquire().await?;
    let found = session::load(&mut conn, session).await?;
    request.extensions_mut().insert(Lent::new(conn));
    Ok(found)
}
