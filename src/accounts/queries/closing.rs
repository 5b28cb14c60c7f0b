use crate::ids::AccountId;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// When it is closed, and when that was done.
pub async fn lock_closing(
    conn: &mut PgConnection,
    account: AccountId,
) -> sqlx::Result<(Option<OffsetDateTime>, Option<OffsetDateTime>)> {
    sqlx::query_as("select closes_at, closed_at from accounts where id = $1 for update")
        .bind(account)
        .fetch_one(conn)
        .await
}

pub async fn set_closing(conn: &mut PgConnection, account: AccountId, at: Option<OffsetDateTime>) -> sqlx::Result<()> {
    sqlx::query("update accounts set closes_at = $2 where id = $1").bind(account).bind(at).execute(conn).await.map(drop)
}

/// Gives the address that it had.
pub async fn blank(conn: &mut PgConnection, account: AccountId, now: OffsetDateTime) -> sqlx::Result<String> {
    for forget in [
        "delete from sessions where account_id = $1",
        "delete from mailed_codes where account_id = $1",
        "delete from totp where account_id = $1",
        "delete from passkeys where account_id = $1",
        "delete from passkey_ceremonies where account_id = $1",
        "delete from recovery_codes where account_id = $1",
        "delete from known_browsers where account_id = $1",
        "delete from account_tokens where account_id = $1",
    ] {
        sqlx::query(forget).bind(account).execute(&mut *conn).await?;
    }
    sqlx::query_scalar(
        "update accounts a set email = 'closed-' || a.id || '@closed.invalid', email_key = 'closed-' || a.id || '@closed.invalid',
                email_verified_at = null, previous_email = null, previous_email_key = null, previous_email_until = null,
                name = '–', password_hash = null, phone = null, phone_verified_at = null, reminders_by_text = false, news = false, refunds_to = 'origin', closes_at = null, closed_at = $2,
                disabled_at = coalesce(a.disabled_at, $2)
         from accounts before where a.id = $1 and before.id = a.id returning before.email_key",
    )
    .bind(account)
    .bind(now)
    .fetch_one(conn)
    .await
}
