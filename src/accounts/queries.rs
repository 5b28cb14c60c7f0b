//! All SQL on `accounts`, `sessions` and `account_tokens` that this slice needs. Sessions keep the database's time, so
//! that moving the rehearsal clock signs nobody out; `password_changed_at` is compared with them and keeps it too.
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use super::refunds_to::RefundsTo;
use crate::{
    ids::AccountId,
    lang::Lang,
    web::{Person, Role},
};

#[derive(sqlx::FromRow)]
pub struct SessionRow {
    id: AccountId,
    name: String,
    email: String,
    language: String,
    time_zone: String,
    role: String,
    pub unseen_for_a_while: bool,
}

impl From<SessionRow> for Person {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            email: row.email,
            language: Lang::parse(&row.language).unwrap_or_default(),
            time_zone: row.time_zone,
            role: role(&row.role),
        }
    }
}

/// A role we don't know may nothing that is not everybody's.
pub fn role(name: &str) -> Role {
    match name {
        "viewer" => Role::Viewer,
        "support" => Role::Support,
        "finance" => Role::Finance,
        "admin" => Role::Admin,
        _ => Role::Customer,
    }
}

pub async fn session(db: impl PgExecutor<'_>, id_hash: &[u8]) -> sqlx::Result<Option<SessionRow>> {
    sqlx::query_as(
        "select a.id, a.name, a.email, a.language, a.time_zone, a.role,
                s.last_seen_at < now() - interval '5 minutes' as unseen_for_a_while
         from sessions s join accounts a on a.id = s.account_id
         where s.id_hash = $1 and s.revoked_at is null and s.expires_at > now()
           and s.last_seen_at > now() - interval '30 minutes'
           and a.disabled_at is null and (a.password_changed_at is null or a.password_changed_at <= s.created_at)",
    )
    .bind(id_hash)
    .fetch_optional(db)
    .await
}

pub async fn session_seen(db: impl PgExecutor<'_>, id_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query("update sessions set last_seen_at = now() where id_hash = $1 and revoked_at is null")
        .bind(id_hash)
        .execute(db)
        .await
        .map(drop)
}

pub async fn insert_session(conn: &mut PgConnection, id_hash: &[u8], account: AccountId) -> sqlx::Result<()> {
    sqlx::query(
        "insert into sessions (id_hash, account_id, data, expires_at) values ($1, $2, '{}', now() + interval '12 hours')",
    )
    .bind(id_hash)
    .bind(account)
    .execute(conn)
    .await
    .map(drop)
}

pub async fn end_session(db: impl PgExecutor<'_>, id_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query("update sessions set revoked_at = now() where id_hash = $1 and revoked_at is null")
        .bind(id_hash)
        .execute(db)
        .await
        .map(drop)
}

pub async fn end_sessions_of(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<u64> {
    let ended = sqlx::query("update sessions set revoked_at = now() where account_id = $1 and revoked_at is null");
    Ok(ended.bind(account).execute(conn).await?.rows_affected())
}

pub async fn delete_old_sessions(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let old =
        "delete from sessions where expires_at < now() - interval '7 days' or revoked_at < now() - interval '7 days'";
    Ok(sqlx::query(old).execute(db).await?.rows_affected())
}

#[derive(sqlx::FromRow)]
pub struct AccountRow {
    pub id: AccountId,
    pub email: String,
    pub name: String,
    pub language: String,
    pub role: String,
    pub password_hash: Option<String>,
    pub email_verified: bool,
}

impl AccountRow {
    pub fn language(&self) -> Lang {
        Lang::parse(&self.language).unwrap_or_default()
    }
}

pub async fn account_by_email(db: impl PgExecutor<'_>, email_key: &str) -> sqlx::Result<Option<AccountRow>> {
    sqlx::query_as(
        "select id, email, name, language, role, password_hash, email_verified_at is not null as email_verified
         from accounts where email_key = $1 and disabled_at is null",
    )
    .bind(email_key)
    .fetch_optional(db)
    .await
}

pub struct NewAccount<'a> {
    pub id: AccountId,
    pub email: &'a str,
    pub email_key: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
    pub language: Lang,
    pub time_zone: &'a str,
}

/// False where the address is taken.
pub async fn insert_account(conn: &mut PgConnection, new: NewAccount<'_>, now: OffsetDateTime) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "insert into accounts (id, email, email_key, name, password_hash, language, time_zone, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict on constraint accounts_email_taken do nothing",
    )
    .bind(new.id)
    .bind(new.email)
    .bind(new.email_key)
    .bind(new.name)
    .bind(new.password_hash)
    .bind(new.language.code())
    .bind(new.time_zone)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Whoever sets a password through a mailed link has shown that the address is theirs.
pub async fn change_password(
    conn: &mut PgConnection,
    account: AccountId,
    hash: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update accounts set password_hash = $2, password_changed_at = now(), email_verified_at = coalesce(email_verified_at, $3)
         where id = $1",
    )
    .bind(account)
    .bind(hash)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

/// The same password, hashed as we hash today: nobody is signed out. Not over one that was changed meanwhile.
pub async fn rehash_password(conn: &mut PgConnection, account: AccountId, old: &str, new: &str) -> sqlx::Result<()> {
    sqlx::query("update accounts set password_hash = $3 where id = $1 and password_hash = $2")
        .bind(account)
        .bind(old)
        .bind(new)
        .execute(conn)
        .await
        .map(drop)
}

/// The address that is confirmed now.
pub async fn confirm_email(conn: &mut PgConnection, account: AccountId, now: OffsetDateTime) -> sqlx::Result<String> {
    sqlx::query_scalar(
        "update accounts set email_verified_at = coalesce(email_verified_at, $2) where id = $1 returning email",
    )
    .bind(account)
    .bind(now)
    .fetch_one(conn)
    .await
}

pub async fn set_language(db: impl PgExecutor<'_>, account: AccountId, language: Lang) -> sqlx::Result<()> {
    sqlx::query("update accounts set language = $2 where id = $1")
        .bind(account)
        .bind(language.code())
        .execute(db)
        .await
        .map(drop)
}

pub async fn refunds_to(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<RefundsTo> {
    sqlx::query_scalar("select refunds_to from accounts where id = $1").bind(account).fetch_one(db).await
}

pub async fn set_refunds_to(db: impl PgExecutor<'_>, account: AccountId, to: RefundsTo) -> sqlx::Result<()> {
    sqlx::query("update accounts set refunds_to = $2 where id = $1").bind(account).bind(to).execute(db).await.map(drop)
}

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
