//! All SQL on `accounts`, `sessions` and `account_tokens` that this slice needs. Sessions keep the database's time, so
//! that moving the rehearsal clock signs nobody out; `password_changed_at` is compared with them and keeps it too.

mod browsers;
mod closing;
mod codes;
mod factors;
mod passkeys;
mod password;
mod reached;
mod registrations;
mod resets;
mod sessions;
mod tokens;

pub use browsers::{
    forget_browsers, is_trusted, know_no_browser, knows, meets_new_browser, trust, trust_no_other, trust_nobody,
    trusted_elsewhere,
};
pub use closing::{blank, lock_closing, set_closing};
pub use codes::{insert_code, try_code, use_code};
pub use factors::{
    factors, forget_new_ways, insert_totp, recovery_code, remove_recovery_codes, remove_totp, replace_recovery_codes,
    reseal_totp, take_step, totp, unix_time, use_recovery_code,
};
pub use passkeys::{
    PasskeyRow, forget_ceremonies, insert_ceremony, insert_passkey, lock_passkey, passkey_used, passkeys,
    remove_passkey, remove_passkeys, take_ceremony,
};
pub use password::{password_age, rehash_password, set_password, set_password_reminder};
pub use reached::{owner_of_phone, phone, preferences, set_phone, set_preferences};
pub use registrations::{
    delete_old_registrations, forget_registrations, insert_registration, registration, use_registration,
};
pub use resets::{OpenReset, end_half_sessions_of, end_reset, insert_reset, open_reset, open_reset_of, open_resets};
pub use sessions::{
    SessionRow, SignIn, delete_old_sessions, end_one_of, end_others_of, end_session, end_sessions_of, insert_session,
    prove_again, session, session_proven, session_seen, sign_ins,
};
pub use tokens::{
    NewToken, account_of_token, insert_token, kept_back_until, use_token, void_tokens, void_ways_back_since,
    void_what_followed, ways_back,
};

use super::email::EmailAddress;
use super::refunds_to::RefundsTo;
use crate::ids::AccountId;
use crate::lang::Lang;
use crate::web::Role;
use sqlx::postgres::PgQueryResult;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

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

pub async fn account_by_email(db: impl PgExecutor<'_>, email_key: &str) -> sqlx::Result<Option<AccountRow>> {
    sqlx::query_as(
        "select id, email, name, language, role, password_hash, email_verified_at is not null as email_verified
         from accounts where email_key = $1 and disabled_at is null",
    )
    .bind(email_key)
    .fetch_optional(db)
    .await
}

pub async fn account_by_id(db: impl PgExecutor<'_>, id: AccountId) -> sqlx::Result<Option<AccountRow>> {
    sqlx::query_as(
        "select id, email, name, language, role, password_hash, email_verified_at is not null as email_verified
         from accounts where id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// As it stands until the transaction ends: no password is set meanwhile.
pub async fn lock_account(conn: &mut PgConnection, id: AccountId) -> sqlx::Result<Option<AccountRow>> {
    sqlx::query_as(
        "select id, email, name, language, role, password_hash, email_verified_at is not null as email_verified
         from accounts where id = $1 for no key update",
    )
    .bind(id)
    .fetch_optional(conn)
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

/// By whoever reads the mail of its address; false where the address is taken.
pub async fn insert_account(conn: &mut PgConnection, new: NewAccount<'_>, now: OffsetDateTime) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "insert into accounts (id, email, email_key, email_verified_at, name, password_hash, language, time_zone, created_at)
         values ($1, $2, $3, $8, $4, $5, $6, $7, $8) on conflict on constraint accounts_email_taken do nothing",
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

/// A member of staff, new or with another role; `None` where the address is a customer's.
pub async fn give_role(
    conn: &mut PgConnection,
    email: &EmailAddress,
    name: &str,
    role: Role,
    now: OffsetDateTime,
) -> sqlx::Result<Option<AccountId>> {
    sqlx::query_scalar(
        "insert into accounts (id, email, email_key, email_verified_at, name, role, created_at) values ($1, $2, $3, $6, $4, $5, $6)
         on conflict (email_key) do update set role = excluded.role where accounts.role <> 'customer'
         returning id",
    )
    .bind(AccountId::new())
    .bind(&email.shown)
    .bind(&email.key)
    .bind(name)
    .bind(role)
    .bind(now)
    .fetch_optional(conn)
    .await
}

/// By its address, or by the one before it while that is still written to.
pub async fn account_to_recover(
    db: impl PgExecutor<'_>,
    email_key: &str,
    now: OffsetDateTime,
) -> sqlx::Result<Option<AccountRow>> {
    sqlx::query_as(
        "select id, email, name, language, role, password_hash, email_verified_at is not null as email_verified
         from accounts
         where (email_key = $1 or (previous_email_key = $1 and previous_email_until > $2)) and disabled_at is null
         order by email_key = $1 desc limit 1",
    )
    .bind(email_key)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// The address before, while it is still written to.
pub async fn previous_email(
    db: impl PgExecutor<'_>,
    account: AccountId,
    now: OffsetDateTime,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select previous_email from accounts where id = $1 and previous_email_until > $2")
        .bind(account)
        .bind(now)
        .fetch_optional(db)
        .await
}

/// Until then the one it replaces is written to as well, or the one before that while it is; with `None` no other.
/// False where the address is taken by now.
pub async fn change_email(
    conn: &mut PgConnection,
    account: AccountId,
    email: &EmailAddress,
    now: OffsetDateTime,
    until: Option<OffsetDateTime>,
) -> sqlx::Result<bool> {
    let changed = sqlx::query(
        "update accounts set
                previous_email = case when $5 is null then null when previous_email_until > $4 then previous_email else email end,
                previous_email_key = case when $5 is null then null when previous_email_until > $4 then previous_email_key else email_key end,
                previous_email_until = case when previous_email_until > $4 and $5 is not null then previous_email_until else $5 end,
                email = $2, email_key = $3, email_verified_at = $4
         where id = $1 and not exists (select from accounts where email_key = $3 and id <> $1)",
    )
    .bind(account)
    .bind(&email.shown)
    .bind(&email.key)
    .bind(now)
    .bind(until)
    .execute(conn)
    .await;
    unless_taken(changed)
}

fn unless_taken(changed: sqlx::Result<PgQueryResult>) -> sqlx::Result<bool> {
    match changed {
        Ok(changed) => Ok(changed.rows_affected() == 1),
        Err(error) if error.as_database_error().is_some_and(|error| error.is_unique_violation()) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The address that was, and no password: whoever set the one in force can't use it any more. False where the operator gave
/// the address to somebody else meanwhile.
pub async fn take_back(
    conn: &mut PgConnection,
    account: AccountId,
    email: &EmailAddress,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let changed = sqlx::query(
        "update accounts set email = $2, email_key = $3, email_verified_at = $4, password_hash = null, password_changed_at = now(),
                previous_email = null, previous_email_key = null, previous_email_until = null
         where id = $1",
    )
    .bind(account)
    .bind(&email.shown)
    .bind(&email.key)
    .bind(now)
    .execute(conn)
    .await;
    unless_taken(changed)
}

pub async fn set_language(db: impl PgExecutor<'_>, account: AccountId, language: Lang) -> sqlx::Result<()> {
    sqlx::query("update accounts set language = $2 where id = $1")
        .bind(account)
        .bind(language.code())
        .execute(db)
        .await
        .map(drop)
}

pub async fn save_profile(
    conn: &mut PgConnection,
    account: AccountId,
    name: &str,
    language: Lang,
    zone: &str,
) -> sqlx::Result<()> {
    sqlx::query("update accounts set name = $2, language = $3, time_zone = $4 where id = $1")
        .bind(account)
        .bind(name)
        .bind(language.code())
        .bind(zone)
        .execute(conn)
        .await
        .map(drop)
}

pub async fn refunds_to(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<RefundsTo> {
    sqlx::query_scalar("select refunds_to from accounts where id = $1").bind(account).fetch_one(db).await
}

pub async fn set_refunds_to(db: impl PgExecutor<'_>, account: AccountId, to: RefundsTo) -> sqlx::Result<()> {
    sqlx::query("update accounts set refunds_to = $2 where id = $1").bind(account).bind(to).execute(db).await.map(drop)
}
