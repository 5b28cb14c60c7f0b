//! Links in mails: 32 random bytes, of which we keep the hash.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::error::Refusal;
use super::queries::{self, AccountRow, NewToken};
use super::second_step_reset::KEPT;
use crate::clock::Clock;
use crate::ids::AccountId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Purpose {
    ResetPassword,
    /// Takes the new address on.
    ChangeEmail,
    /// Takes a change back that its owner did not make.
    UndoSecurity,
    /// Stops a second step from being taken off.
    CancelSecondStepReset,
}

impl Purpose {
    pub(super) fn lifetime(self) -> Duration {
        match self {
            Self::ResetPassword => Duration::minutes(30),
            Self::ChangeEmail => Duration::hours(24),
            Self::UndoSecurity => Duration::hours(72),
            Self::CancelSecondStepReset => KEPT,
        }
    }
}

/// A new token. Those mailed before it stay what they are: strangers who ask for more of them end none.
pub async fn issue(
    conn: &mut PgConnection,
    account: AccountId,
    purpose: Purpose,
    now: OffsetDateTime,
) -> sqlx::Result<String> {
    issue_about(conn, account, purpose, None, now).await
}

/// A token that remembers an address.
pub async fn issue_about(
    conn: &mut PgConnection,
    account: AccountId,
    purpose: Purpose,
    email: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<String> {
    let token = random();
    let new =
        NewToken { hash: hash(&token), account, purpose, email, created_at: now, expires_at: now + purpose.lifetime() };
    queries::insert_token(conn, new).await?;
    Ok(token)
}

pub async fn is_open(pool: &PgPool, clock: &Clock, token: &str, purpose: Purpose) -> sqlx::Result<bool> {
    Ok(queries::account_of_token(pool, &hash(token), purpose, clock.now()).await?.is_some())
}

/// The account, locked, and the address the token remembers. Of any number who use it at the same time, one gets them.
pub async fn take(
    conn: &mut PgConnection,
    token: &str,
    purpose: Purpose,
    now: OffsetDateTime,
) -> Result<(AccountRow, Option<String>), Refusal> {
    let hash = hash(token);
    let account = queries::account_of_token(&mut *conn, &hash, purpose, now).await?.ok_or(Refusal::LinkExpired)?;
    let account = queries::lock_account(conn, account.id).await?.ok_or(Refusal::LinkExpired)?;
    let email = queries::use_token(conn, &hash, purpose, now).await?.ok_or(Refusal::LinkExpired)?;
    Ok((account, email))
}

pub fn random() -> String {
    let mut bytes = [0; 32];
    crate::ids::fill_random(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
