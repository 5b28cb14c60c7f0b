use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::accounts::email::EmailAddress;

/// False where somebody has the address, or was just written to about it.
pub async fn insert_registration(
    conn: &mut PgConnection,
    token_hash: &[u8],
    email: &EmailAddress,
    (now, until): (OffsetDateTime, OffsetDateTime),
    just_now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "insert into registrations (token_hash, email, email_key, created_at, expires_at)
         select $1, $2, $3, $4, $5
         where not exists (select from accounts where email_key = $3)
           and not exists (select from registrations where email_key = $3 and created_at > $6 and used_at is null)",
    );
    let inserted = inserted.bind(token_hash).bind(&email.shown).bind(&email.key).bind(now).bind(until).bind(just_now);
    Ok(inserted.execute(conn).await?.rows_affected() == 1)
}

/// The address, and whether an account was made of it.
pub async fn registration(
    db: impl PgExecutor<'_>,
    token_hash: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<Option<(String, bool)>> {
    sqlx::query_as(
        "select email, used_at is not null from registrations
         where token_hash = $1 and (used_at is not null or expires_at > $2)",
    )
    .bind(token_hash)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// Of any number who use a link at the same time, for one it is true; other links to its address are used up as well.
pub async fn use_registration(conn: &mut PgConnection, token_hash: &[u8], now: OffsetDateTime) -> sqlx::Result<bool> {
    let used = sqlx::query(
        "update registrations set used_at = $2 where used_at is null
           and email_key = (select email_key from registrations where token_hash = $1 and used_at is null and expires_at > $2)",
    );
    Ok(used.bind(token_hash).bind(now).execute(conn).await?.rows_affected() > 0)
}

pub async fn forget_registrations(conn: &mut PgConnection, email_key: &str) -> sqlx::Result<()> {
    sqlx::query("delete from registrations where email_key = $1").bind(email_key).execute(conn).await.map(drop)
}

pub async fn delete_old_registrations(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let old = "delete from registrations where expires_at < now() - interval '7 days'";
    Ok(sqlx::query(old).execute(db).await?.rows_affected())
}
