use super::role;
use crate::ids::AccountId;
use crate::lang::Lang;
use crate::web::Person;
use sqlx::{PgConnection, PgExecutor};

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
