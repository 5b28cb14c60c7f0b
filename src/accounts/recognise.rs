//! Middleware of every page: finds out who is asking, and gives the request its form token.
use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};
use sqlx::PgPool;

use super::session::{self, SessionId};
use crate::web::{
    CsrfToken, Lent, Person,
    cookies::Cookies,
    csrf::{VISITOR_COOKIE, visitor_secret},
};

#[derive(Clone)]
pub struct Doorkeeper {
    pub pool: PgPool,
    pub cookies: Cookies,
}

/// The sessions could not be read: public pages go on, nobody is taken for somebody.
#[derive(Clone, Copy, Debug)]
pub struct Unrecognisable;

pub async fn recognise(State(door): State<Doorkeeper>, mut request: Request, next: Next) -> Response {
    let session = door.cookies.read(request.headers(), session::COOKIE).and_then(SessionId::parse);
    request.extensions_mut().insert(door.cookies);
    if let Some((session, person)) = known(&door.pool, session, &mut request).await {
        let extensions = request.extensions_mut();
        extensions.insert(CsrfToken::derived_from(&session.reveal()));
        extensions.insert(session);
        extensions.insert(person);
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

async fn known(pool: &PgPool, session: Option<SessionId>, request: &mut Request) -> Option<(SessionId, Person)> {
    let session = session?;
    match look(pool, &session, request).await {
        Ok(person) => Some((session, person?)),
        Err(error) => {
            tracing::error!(%error, "the session could not be read");
            request.extensions_mut().insert(Unrecognisable);
            None
        }
    }
}

async fn look(pool: &PgPool, session: &SessionId, request: &mut Request) -> sqlx::Result<Option<Person>> {
    let mut conn = pool.acquire().await?;
    let person = session::load(&mut conn, session).await?;
    request.extensions_mut().insert(Lent::new(conn));
    Ok(person)
}
