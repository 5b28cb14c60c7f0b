use sqlx::PgPool;

use super::{
    error::Refusal,
    queries,
    token::{self, Purpose},
};
use crate::clock::Clock;

const PURPOSE: Purpose = Purpose::VerifyEmail;

/// What a mailed link still leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Open,
    /// By this link or by another one to the same address.
    Confirmed,
    Expired,
}

pub async fn state(pool: &PgPool, clock: &Clock, token: &str) -> sqlx::Result<Link> {
    let hash = token::hash(token);
    if queries::has_done_its_work(pool, &hash, PURPOSE.name()).await? {
        return Ok(Link::Confirmed);
    }
    let account = queries::account_of_token(pool, &hash, PURPOSE.name(), clock.now()).await?;
    Ok(if account.is_some() { Link::Open } else { Link::Expired })
}

/// The address that was confirmed.
pub async fn verify_email(pool: &PgPool, clock: &Clock, token: &str) -> Result<String, Refusal> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let account = queries::use_token(&mut tx, &token::hash(token), PURPOSE.name(), now).await?;
    let account = account.ok_or(Refusal::LinkExpired)?;
    let email = queries::confirm_email(&mut tx, account, now).await?;
    queries::void_tokens(&mut tx, account, PURPOSE.name(), now).await?;
    tx.commit().await?;
    Ok(email)
}
