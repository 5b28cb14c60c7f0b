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

/// A new token. A link to set a password ends those mailed before it; each link to confirm an address goes on working,
/// since whoever registers twice opens whichever mail comes first.
pub async fn issue(
    conn: &mut PgConnection,
    account: AccountId,
    purpose: Purpose,
    now: OffsetDateTime,
) -> sqlx::Result<String> {
    let mut bytes = [0; 32];
    crate::ids::fill_random(&mut bytes);
    let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    if purpose == Purpose::ResetPassword {
        queries::void_tokens(conn, account, purpose.name(), now).await?;
    }
    queries::insert_token(conn, &hash(&token), account, purpose.name(), now, now + purpose.lifetime()).await?;
    Ok(token)
}

/// A second click within it sends no second mail.
const JUST_NOW: Duration = Duration::minutes(1);

pub async fn was_issued_just_now(
    conn: &mut PgConnection,
    account: AccountId,
    purpose: Purpose,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    queries::has_token_since(conn, account, purpose.name(), now - JUST_NOW).await
}

pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
