//! What a handler asks for when it needs somebody signed in.
use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use sqlx::{PgPool, Postgres, Transaction};

use super::{
    queries::{self, SessionRow},
    recognise::{Halfway, LacksFactor, Lately, Unrecognisable},
    session::SessionId,
};
use crate::{
    ids::AccountId,
    paths::{self, escaped},
    web::{PageError, Person, Role, noted, see_other},
};

/// Somebody, or the sign-in page, which leads back here.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub person: Person,
}

/// Somebody of the staff. To a customer the page does not exist.
#[derive(Clone, Debug)]
pub struct SignedInStaff {
    pub person: Person,
}

impl SignedInStaff {
    /// What a page may offer.
    pub fn may(&self, role: Role) -> bool {
        self.person.role >= role
    }

    /// For pages that not every member of staff may use. A colleague who tries is written down.
    pub fn at_least(&self, role: Role) -> Result<&Person, PageError> {
        if self.may(role) {
            return Ok(&self.person);
        }
        tracing::warn!(account = %self.person.id, role = self.person.role.name(), needs = role.name(), "staff refused");
        Err(PageError::Forbidden)
    }
}

#[derive(Clone, Debug)]
pub struct MaybeSignedIn {
    pub person: Option<Person>,
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        match parts.extensions.get::<Person>() {
            Some(person) => Ok(Self { person: person.clone() }),
            None => Err(to_sign_in(parts, paths::LOGIN)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedInStaff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        match parts.extensions.get::<Person>() {
            Some(person) if person.role.is_staff() => match parts.extensions.get::<LacksFactor>() {
                None => Ok(Self { person: person.clone() }),
                Some(_) => Err(noted(paths::APP, "staff-need-app")),
            },
            Some(_) => Err(PageError::NotFound.into_response()),
            None => Err(to_sign_in(parts, paths::STAFF_LOGIN)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MaybeSignedIn {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { person: parts.extensions.get::<Person>().cloned() })
    }
}

/// Somebody who gave a factor a short while ago, for what must not be done at a browser that was left open. The others
/// give one first and come back here.
#[derive(Clone, Debug)]
pub struct Proven {
    pub person: Person,
    pub(super) session: SessionId,
}

impl Proven {
    /// A transaction in which nobody else changes how the account is guarded, begun if the session lives on, proven still: whoever was
    /// signed out while their form was on its way, or while something was computed, has sent it in vain.
    pub async fn begin(&self, pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
        match begin_while_in(pool, self.person.id, &self.session).await? {
            (tx, session) if session.proven => Ok(tx),
            _ => Err(sqlx::Error::RowNotFound),
        }
    }
}

/// The same, proven or not: for whoever gives a factor with the form itself.
pub(super) async fn begin_while_in(
    pool: &PgPool,
    person: AccountId,
    session: &SessionId,
) -> sqlx::Result<(Transaction<'static, Postgres>, SessionRow)> {
    let mut tx = crate::db::begin(pool).await?;
    queries::lock_account(&mut tx, person).await?.ok_or(sqlx::Error::RowNotFound)?;
    let session = queries::session(&mut *tx, &session.hash()).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok((tx, session))
}

/// Whose first factor was right; whoever is signed in already, or not at all, has no business here.
#[derive(Clone, Debug)]
pub struct HalfSignedIn(pub Halfway);

impl<S: Send + Sync> FromRequestParts<S> for Proven {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let SignedIn { person } = SignedIn::from_request_parts(parts, state).await?;
        match (parts.extensions.get::<Lately>(), parts.extensions.get::<SessionId>()) {
            (Some(_), Some(session)) => Ok(Self { person, session: session.clone() }),
            _ => Err(to_prove(&back_to(parts))),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for HalfSignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        match (parts.extensions.get::<Halfway>(), parts.extensions.get::<Person>()) {
            (Some(halfway), _) => Ok(Self(halfway.clone())),
            (None, Some(_)) => Err(see_other(paths::ACCOUNT)),
            (None, None) => Err(see_other(paths::LOGIN)),
        }
    }
}

/// Only a page can be come back to with what it was asked; a form has its page at the same path.
fn back_to(parts: &Parts) -> String {
    let page = parts.uri.path_and_query().filter(|_| parts.method.is_safe());
    page.map_or(parts.uri.path(), |page| page.as_str()).to_owned()
}

/// Where a factor is given, and back to the page at `next`.
pub fn to_prove(next: &str) -> Response {
    see_other(&paths::prove(next))
}

fn to_sign_in(parts: &Parts, door: &str) -> Response {
    if parts.extensions.get::<Halfway>().is_some() {
        return see_other(paths::SECOND_STEP);
    }
    if parts.extensions.get::<Unrecognisable>().is_some() {
        return PageError::Busy { retry_after_seconds: 5 }.into_response();
    }
    // Only a page can be come back to; a form would have to be filled in again.
    if !parts.method.is_safe() {
        return see_other(door);
    }
    let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    see_other(&format!("{door}?next={}", escaped(here)))
}
