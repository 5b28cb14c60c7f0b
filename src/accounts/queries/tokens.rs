use super::AccountRow;
use crate::ids::AccountId;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

pub async fn insert_token(
    conn: &mut PgConnection,
    token_hash: &[u8],
    account: AccountId,
    purpose: &str,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query("insert into account_tokens (token_hash, account_id, purpose, expires_at, created_at) values ($1, $2, $3, $4, $5)")
        .bind(token_hash)
        .bind(account)
        .bind(purpose)
        .bind(expires_at)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}

pub async fn has_token_since(
    conn: &mut PgConnection,
    account: AccountId,
    purpose: &str,
    since: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from account_tokens
          where account_id = $1 and purpose = $2 and created_at > $3 and used_at is null)",
    )
    .bind(account)
    .bind(purpose)
    .bind(since)
    .fetch_one(conn)
    .await
}

/// Whether the token, used or old as it may be, was for an address that is confirmed by now.
pub async fn has_done_its_work(db: impl PgExecutor<'_>, token_hash: &[u8], purpose: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from account_tokens t join accounts a on a.id = t.account_id
          where t.token_hash = $1 and t.purpose = $2 and a.email_verified_at is not null and a.disabled_at is null)",
    )
    .bind(token_hash)
    .bind(purpose)
    .fetch_one(db)
    .await
}

pub async fn account_of_token(
    db: impl PgExecutor<'_>,
    token_hash: &[u8],
    purpose: &str,
    now: OffsetDateTime,
) -> sqlx::Result<Option<AccountRow>> {
    sqlx::query_as(
        "select a.id, a.email, a.name, a.language, a.role, a.password_hash, a.email_verified_at is not null as email_verified
         from account_tokens t join accounts a on a.id = t.account_id
         where t.token_hash = $1 and t.purpose = $2 and t.used_at is null and t.expires_at > $3 and a.disabled_at is null",
    )
    .bind(token_hash)
    .bind(purpose)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// Of any number who use a token at the same time, one gets the account.
pub async fn use_token(
    conn: &mut PgConnection,
    token_hash: &[u8],
    purpose: &str,
    now: OffsetDateTime,
) -> sqlx::Result<Option<AccountId>> {
    sqlx::query_scalar(
        "update account_tokens set used_at = $3
         where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3 returning account_id",
    )
    .bind(token_hash)
    .bind(purpose)
    .bind(now)
    .fetch_optional(conn)
    .await
}

pub async fn void_tokens(
    conn: &mut PgConnection,
    account: AccountId,
    purpose: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query("update account_tokens set used_at = $3 where account_id = $1 and purpose = $2 and used_at is null")
        .bind(account)
        .bind(purpose)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}
