use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use super::{end_sessions_of, void_tokens};
use crate::accounts::token::Purpose;
use crate::ids::AccountId;

/// What was begun with the one before ends: sessions, of which it gives the number, and links to set another. Whoever sets
/// one through a mailed link has shown that the address is theirs.
pub async fn set_password(
    conn: &mut PgConnection,
    account: AccountId,
    hash: &str,
    now: OffsetDateTime,
) -> sqlx::Result<u64> {
    sqlx::query(
        "update accounts set password_hash = $2, password_changed_at = now(), email_verified_at = coalesce(email_verified_at, $3)
         where id = $1",
    )
    .bind(account)
    .bind(hash)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    void_tokens(conn, account, Purpose::ResetPassword, now).await?;
    end_sessions_of(conn, account, now).await
}

/// When it was last changed, if ever, and whether its owner wants to hear that it is old.
pub async fn password_age(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<(Option<OffsetDateTime>, bool)> {
    sqlx::query_as("select password_changed_at, password_reminder from accounts where id = $1")
        .bind(account)
        .fetch_one(db)
        .await
}

pub async fn set_password_reminder(db: impl PgExecutor<'_>, account: AccountId, wanted: bool) -> sqlx::Result<()> {
    sqlx::query("update accounts set password_reminder = $2 where id = $1")
        .bind(account)
        .bind(wanted)
        .execute(db)
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
