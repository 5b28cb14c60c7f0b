use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::ids::{AccountId, CeremonyId, PasskeyId};

#[derive(sqlx::FromRow)]
pub struct PasskeyRow {
    pub id: PasskeyId,
    pub credential_id: Vec<u8>,
    pub name: String,
    pub created_at: OffsetDateTime,
    pub used_at: Option<OffsetDateTime>,
}

pub async fn passkeys(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Vec<PasskeyRow>> {
    sqlx::query_as(
        "select id, credential_id, name, created_at, used_at from passkeys where account_id = $1 order by created_at, id",
    )
    .bind(account)
    .fetch_all(db)
    .await
}

/// What a browser is asked; `account` where that is known before the answer.
pub async fn insert_ceremony(
    db: impl PgExecutor<'_>,
    account: Option<AccountId>,
    asked: &Value,
) -> sqlx::Result<CeremonyId> {
    sqlx::query_scalar(
        "insert into passkey_ceremonies (id, account_id, asked, expires_at)
         values (gen_random_uuid(), $1, $2, now() + interval '5 minutes') returning id",
    )
    .bind(account)
    .bind(asked)
    .fetch_one(db)
    .await
}

/// Once: whoever comes second, or too late, finds nothing.
pub async fn take_ceremony(
    db: impl PgExecutor<'_>,
    ceremony: CeremonyId,
    account: Option<AccountId>,
) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar(
        "delete from passkey_ceremonies where id = $1 and account_id is not distinct from $2 and expires_at > now()
         returning asked",
    )
    .bind(ceremony)
    .bind(account)
    .fetch_optional(db)
    .await
}

pub async fn forget_ceremonies(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    Ok(sqlx::query("delete from passkey_ceremonies where expires_at < now()").execute(db).await?.rows_affected())
}

/// False where the key is somebody's already.
pub async fn insert_passkey(
    conn: &mut PgConnection,
    account: AccountId,
    (id, credential, name): (PasskeyId, &[u8], &str),
    kept: &Value,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "insert into passkeys (id, account_id, credential_id, name, credential, created_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (credential_id) do nothing",
    );
    let inserted = inserted.bind(id).bind(account).bind(credential).bind(name).bind(kept).bind(now);
    Ok(inserted.execute(conn).await?.rows_affected() == 1)
}

pub async fn lock_passkey(
    conn: &mut PgConnection,
    account: AccountId,
    credential: &[u8],
) -> sqlx::Result<Option<(PasskeyId, Value)>> {
    sqlx::query_as("select id, credential from passkeys where account_id = $1 and credential_id = $2 for update")
        .bind(account)
        .bind(credential)
        .fetch_optional(conn)
        .await
}

pub async fn passkey_used(
    conn: &mut PgConnection,
    passkey: PasskeyId,
    kept: &Value,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query("update passkeys set credential = $2, used_at = $3 where id = $1")
        .bind(passkey)
        .bind(kept)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}

/// Gives its name.
pub async fn remove_passkey(
    conn: &mut PgConnection,
    account: AccountId,
    passkey: PasskeyId,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("delete from passkeys where id = $2 and account_id = $1 returning name")
        .bind(account)
        .bind(passkey)
        .fetch_optional(conn)
        .await
}

pub async fn remove_passkeys(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query("delete from passkeys where account_id = $1").bind(account).execute(conn).await.map(drop)
}
