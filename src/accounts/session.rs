//! Who is signed in, on which browser. The id lives in the cookie; the table knows its hash only. A session that was
//! ended stays ended: nothing here inserts over a row or clears `revoked_at`.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};

use super::{browser::Browser, queries};
use crate::{ids::AccountId, web::Person};

pub const COOKIE: &str = "sid";

#[derive(Clone, PartialEq, Eq)]
pub struct SessionId([u8; 32]);

impl SessionId {
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        crate::ids::fill_random(&mut bytes);
        Self(bytes)
    }

    pub fn parse(cookie: &str) -> Option<Self> {
        BASE64_URL_SAFE_NO_PAD.decode(cookie).ok()?.try_into().ok().map(Self)
    }

    pub fn reveal(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

impl std::fmt::Debug for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionId(…)")
    }
}

/// How far somebody has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Stage {
    Whole,
    /// The first factor was right; nobody is signed in before the second is.
    SecondStep,
}

/// What came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum First {
    Password,
    Mail,
    Text,
    Passkey,
}

impl First {
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Mail => "mail",
            Self::Text => "text",
            Self::Passkey => "passkey",
        }
    }
}

/// Whose session this is.
#[derive(Clone, Debug)]
pub struct Found {
    pub person: Person,
    pub stage: Stage,
    pub first: First,
    /// A factor was given a short while ago.
    pub proven: bool,
    /// Staff without a factor but the password and the mailbox.
    pub lacks_own_factor: bool,
}

/// Whether what would be asked for once more was given a short while ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof<'a> {
    Given,
    Missing,
    /// No more and no less than in the session that this one follows.
    AsIn(&'a SessionId),
}

/// Under a new id, always: who knew the one before knows nothing.
pub async fn open(
    conn: &mut PgConnection,
    (account, browser): (AccountId, &Browser),
    (stage, first): (Stage, First),
    proof: Proof<'_>,
) -> sqlx::Result<SessionId> {
    let session = SessionId::random();
    queries::insert_session(conn, &session.hash(), (account, browser), (stage, first), proof).await?;
    Ok(session)
}

/// A live session, in one query; that it is in use is written down once in five minutes at most.
pub async fn load(conn: &mut PgConnection, id: &SessionId) -> sqlx::Result<Option<Found>> {
    let Some(found) = queries::session(&mut *conn, &id.hash()).await? else { return Ok(None) };
    if found.unseen_for_a_while {
        queries::session_seen(conn, &id.hash()).await?;
    }
    Ok(Some(found.into()))
}

/// Sessions that can't come back to life are not kept for ever.
pub async fn sweep(pool: &PgPool) -> sqlx::Result<u64> {
    queries::forget_browsers(pool).await?;
    queries::forget_ceremonies(pool).await?;
    queries::delete_old_registrations(pool).await?;
    queries::delete_old_sessions(pool).await
}
