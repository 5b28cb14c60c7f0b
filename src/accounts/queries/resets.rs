use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::ids::{AccountId, SecondStepResetId};

/// A request that nobody has decided yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OpenReset {
    pub id: SecondStepResetId,
    pub account_id: AccountId,
    pub client: String,
    pub asked_at: OffsetDateTime,
    /// It can't be approved before.
    pub ready_at: OffsetDateTime,
    pub name: String,
    pub email: String,
    pub role: String,
}

/// False where one is open already.
pub async fn insert_reset(
    conn: &mut PgConnection,
    id: SecondStepResetId,
    account: AccountId,
    client: &str,
    (now, ready_at): (OffsetDateTime, OffsetDateTime),
) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "insert into second_step_resets (id, account_id, client, asked_at, ready_at) values ($1, $2, $3, $4, $5)
         on conflict (account_id) where state = 'open' do nothing",
    );
    Ok(inserted.bind(id).bind(account).bind(client).bind(now).bind(ready_at).execute(conn).await?.rows_affected() == 1)
}

pub async fn open_reset_of(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Option<OpenReset>> {
    sqlx::query_as(
        "select r.id, r.account_id, r.client, r.asked_at, r.ready_at, a.name, a.email, a.role
         from second_step_resets r join accounts a on a.id = r.account_id where r.account_id = $1 and r.state = 'open'",
    )
    .bind(account)
    .fetch_optional(db)
    .await
}

pub async fn open_reset(db: impl PgExecutor<'_>, id: SecondStepResetId) -> sqlx::Result<Option<OpenReset>> {
    sqlx::query_as(
        "select r.id, r.account_id, r.client, r.asked_at, r.ready_at, a.name, a.email, a.role
         from second_step_resets r join accounts a on a.id = r.account_id where r.id = $1 and r.state = 'open'",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// Those that have waited longest first.
pub async fn open_resets(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<OpenReset>> {
    sqlx::query_as(
        "select r.id, r.account_id, r.client, r.asked_at, r.ready_at, a.name, a.email, a.role
         from second_step_resets r join accounts a on a.id = r.account_id where r.state = 'open'
         order by r.asked_at limit 100",
    )
    .fetch_all(db)
    .await
}

/// False where it has ended already.
pub async fn end_reset(
    conn: &mut PgConnection,
    id: SecondStepResetId,
    (state, by, note): (&str, Option<AccountId>, &str),
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let ended = sqlx::query(
        "update second_step_resets set state = $2, decided_by = $3, note = $4, ended_at = $5
         where id = $1 and state = 'open'",
    );
    Ok(ended.bind(id).bind(state).bind(by).bind(note).bind(now).execute(conn).await?.rows_affected() == 1)
}

pub async fn end_half_sessions_of(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query(
        "update sessions set revoked_at = now() where account_id = $1 and stage <> 'whole' and revoked_at is null",
    )
    .bind(account)
    .execute(conn)
    .await
    .map(drop)
}
