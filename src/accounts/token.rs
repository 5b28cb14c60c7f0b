//! Links in mails: 32 random bytes, of which we keep the hash.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::queries::{self, NewToken};
use super::second_step_reset::KEPT;
use crate::ids::AccountId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub fn name(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
            Self::UndoSecurity => "undo_security",
            Self::CancelSecondStepReset => "cancel_second_step_reset",
        }
    }

    fn lifetime(self) -> Duration {
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
    let new = NewToken {
        hash: hash(&token),
        account,
        purpose: purpose.name(),
        email,
        created_at: now,
        expires_at: now + purpose.lifetime(),
    };
    queries::insert_token(conn, new).await?;
    Ok(token)
}

pub fn random() -> String {
    let mut bytes = [0; 32];
    crate::ids::fill_random(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
