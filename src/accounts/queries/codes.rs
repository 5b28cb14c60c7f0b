use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::accounts::session::First;
use crate::ids::AccountId;

/// The newest code of a browser is the only one there; strangers who ask for some end nobody else's. The account is locked
/// before its codes, as whoever closes it does.
pub async fn insert_code(
    conn: &mut PgConnection,
    asked_by: &[u8],
    account: AccountId,
    code_hash: &str,
    sent_by: First,
    (now, until): (OffsetDateTime, OffsetDateTime),
) -> sqlx::Result<()> {
    sqlx::query("select from accounts where id = $1 for key share").bind(account).execute(&mut *conn).await?;
    sqlx::query(
        "insert into mailed_codes (asked_by, account_id, code_hash, created_at, expires_at, sent_by) values ($1, $2, $3, $4, $5, $6)
         on conflict (asked_by) do update set account_id = excluded.account_id, code_hash = excluded.code_hash, tries = 0,
           created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = null, sent_by = excluded.sent_by",
    )
    .bind(asked_by)
    .bind(account)
    .bind(code_hash)
    .bind(now)
    .bind(until)
    .bind(sent_by)
    .execute(conn)
    .await
    .map(drop)
}

/// Counts a try before it is looked at, so that as many tries at once are no more than as many in turn.
pub async fn try_code(
    db: impl PgExecutor<'_>,
    asked_by: &[u8],
    most: i32,
    now: OffsetDateTime,
) -> sqlx::Result<Option<(AccountId, String, First)>> {
    sqlx::query_as(
        "update mailed_codes set tries = tries + 1
         where asked_by = $1 and used_at is null and tries < $2 and expires_at > $3 returning account_id, code_hash, sent_by",
    )
    .bind(asked_by)
    .bind(most)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// False where it was used meanwhile, or is not the newest any more.
pub async fn use_code(
    conn: &mut PgConnection,
    asked_by: &[u8],
    code_hash: &str,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let used =
        sqlx::query("update mailed_codes set used_at = $3 where asked_by = $1 and code_hash = $2 and used_at is null");
    Ok(used.bind(asked_by).bind(code_hash).bind(now).execute(conn).await?.rows_affected() == 1)
}
