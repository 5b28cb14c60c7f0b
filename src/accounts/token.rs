//! Links in mails: 32 random bytes, of which we keep the hash.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::queries;
use crate::ids::AccountId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    ResetPassword,
    VerifyEmail,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset_password",
            Self::VerifyEmail => "verify_email",
        }
    }

    fn lifetime(self) -> Duration {
        match self {
            Self::ResetPassword => Duration::minutes(30),
            Self::VerifyEmail => Duration::hours(24),
        }
    }
}

/// A new token; those mailed before it for the same purpose stop working.
pub async fn issue(
    conn: &mut PgConnection,
    account: AccountId,
    purpose: Purpose,
    now: OffsetDateTime,
) -> sqlx::Result<String> {
    let mut bytes = [0; 32];
    crate::ids::fill_random(&mut bytes);
    let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    queries::void_tokens(conn, account, purpose.name(), now).await?;
    queries::insert_token(conn, &hash(&token), account, purpose.name(), now, now + purpose.lifetime()).await?;
    Ok(token)
}

pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
