use sqlx::PgPool;

use super::{
    error::Refusal,
    queries,
    token::{self, Purpose},
};
use crate::clock::Clock;

const PURPOSE: Purpose = Purpose::VerifyEmail;

pub async fn is_open(pool: &PgPool, clock: &Clock, token: &str) -> sqlx::Result<bool> {
    let account = queries::account_of_token(pool, &token::hash(token), PURPOSE.name(), clock.now()).await?;
    Ok(account.is_some())
}

pub async fn verify_email(pool: &PgPool, clock: &Clock, token: &str) -> Result<(), Refusal> {
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let account = queries::use_token(&mut tx, &token::hash(token), PURPOSE.name(), now).await?;
    queries::confirm_email(&mut tx, account.ok_or(Refusal::LinkExpired)?, now).await?;
    Ok(tx.commit().await?)
}
