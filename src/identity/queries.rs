use crate::ids::AccountId;
use crate::seal::Sealed;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

#[derive(sqlx::FromRow)]
pub struct Row {
    pub account_id: AccountId,
    key_id: String,
    sealed: Vec<u8>,
    pub saved_at: OffsetDateTime,
}

impl Row {
    pub fn sealed(&self) -> Sealed {
        Sealed { key: self.key_id.clone(), bytes: self.sealed.clone() }
    }
}

pub async fn is_kept(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<bool> {
    Ok(saved_at(db, account).await?.is_some())
}

pub async fn saved_at(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Option<OffsetDateTime>> {
    sqlx::query_scalar("select saved_at from identities where account_id = $1").bind(account).fetch_optional(db).await
}

pub async fn of(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Option<Row>> {
    sqlx::query_as("select account_id, key_id, sealed, saved_at from identities where account_id = $1")
        .bind(account)
        .fetch_optional(db)
        .await
}

pub async fn save(
    conn: &mut PgConnection,
    account: AccountId,
    sealed: &Sealed,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into identities (account_id, key_id, sealed, saved_at) values ($1, $2, $3, $4)
         on conflict (account_id) do update
           set key_id = excluded.key_id, sealed = excluded.sealed, saved_at = excluded.saved_at",
    )
    .bind(account)
    .bind(&sealed.key)
    .bind(&sealed.bytes)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

pub async fn remove(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<bool> {
    let removed = sqlx::query("delete from identities where account_id = $1").bind(account).execute(conn).await?;
    Ok(removed.rows_affected() == 1)
}

pub async fn sealed_with(db: impl PgExecutor<'_>, keys: &[&str], most: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as("select account_id, key_id, sealed, saved_at from identities where key_id = any($1) limit $2")
        .bind(keys)
        .bind(most)
        .fetch_all(db)
        .await
}

/// Unless it was saved anew meanwhile.
pub async fn reseal(db: impl PgExecutor<'_>, row: &Row, anew: &Sealed) -> sqlx::Result<()> {
    sqlx::query("update identities set key_id = $3, sealed = $4 where account_id = $1 and sealed = $2")
        .bind(row.account_id)
        .bind(&row.sealed)
        .bind(&anew.key)
        .bind(&anew.bytes)
        .execute(db)
        .await
        .map(drop)
}
