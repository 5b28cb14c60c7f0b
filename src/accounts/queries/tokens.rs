use super::AccountRow;
use crate::accounts::email;
use crate::accounts::token::Purpose;
use crate::ids::AccountId;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

pub struct NewToken<'a> {
    pub hash: Vec<u8>,
    pub account: AccountId,
    pub purpose: Purpose,
    pub email: Option<&'a str>,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

pub async fn insert_token(conn: &mut PgConnection, new: NewToken<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into account_tokens (token_hash, account_id, purpose, email, email_key, expires_at, created_at)
         values ($1, $2, $3, $4, $7, $5, $6)",
    )
    .bind(new.hash)
    .bind(new.account)
    .bind(new.purpose)
    .bind(new.email)
    .bind(new.expires_at)
    .bind(new.created_at)
    .bind(new.email.map(email::key))
    .execute(conn)
    .await
    .map(drop)
}

pub async fn account_of_token(
    db: impl PgExecutor<'_>,
    token_hash: &[u8],
    purpose: Purpose,
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

/// Of any number who use a token at the same time, one gets the address it remembers.
pub async fn use_token(
    conn: &mut PgConnection,
    token_hash: &[u8],
    purpose: Purpose,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Option<String>>> {
    sqlx::query_scalar(
        "update account_tokens set used_at = $3
         where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3 returning email",
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
    purpose: Purpose,
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

/// The addresses other than its own by which an account can still be taken back, and until when.
pub async fn ways_back(
    db: impl PgExecutor<'_>,
    account: &AccountRow,
    now: OffsetDateTime,
) -> sqlx::Result<Vec<(String, OffsetDateTime)>> {
    sqlx::query_as(
        "select min(email), max(expires_at) from account_tokens
         where account_id = $1 and purpose = 'undo_security' and used_at is null and expires_at > $2 and email_key <> $3
         group by email_key order by email_key",
    )
    .bind(account.id)
    .bind(now)
    .bind(email::key(&account.email))
    .fetch_all(db)
    .await
}

/// Every open link of the account, but for those that take back what came before this one.
pub async fn void_what_followed(
    conn: &mut PgConnection,
    account: AccountId,
    token_hash: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update account_tokens t set used_at = $3 from account_tokens mine
         where mine.token_hash = $2 and t.account_id = $1 and t.used_at is null
           and (t.purpose <> 'undo_security' or t.created_at >= mine.created_at)",
    )
    .bind(account)
    .bind(token_hash)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

/// An address that could take the account back has it again: those that came after it can't.
pub async fn void_ways_back_since(
    conn: &mut PgConnection,
    account: AccountId,
    email_key: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update account_tokens set used_at = $3
         where account_id = $1 and purpose = 'undo_security' and used_at is null and email_key <> $2
           and created_at >= (select min(created_at) from account_tokens
             where account_id = $1 and purpose = 'undo_security' and used_at is null and expires_at > $3 and email_key = $2)",
    )
    .bind(account)
    .bind(email_key)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

/// Until when somebody, `but` that account, may come back to an address that was theirs.
pub async fn kept_back_until(
    db: impl PgExecutor<'_>,
    email_key: &str,
    but: Option<AccountId>,
    now: OffsetDateTime,
) -> sqlx::Result<Option<OffsetDateTime>> {
    sqlx::query_scalar(
        "select max(expires_at) from account_tokens
         where purpose = 'undo_security' and used_at is null and expires_at > $3 and email_key = $1
           and account_id is distinct from $2",
    )
    .bind(email_key)
    .bind(but)
    .bind(now)
    .fetch_one(db)
    .await
}
