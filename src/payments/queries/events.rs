use crate::payments::gateway::Notice;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

/// A stored notification.
#[derive(sqlx::FromRow)]
pub struct Event {
    pub id: i64,
    pub gateway: String,
    /// How it was read last.
    pub notice: Json<Notice>,
    /// As it came.
    pub body: Vec<u8>,
    pub processed_at: Option<OffsetDateTime>,
}

/// Stores the notification, or finds and locks the one that was stored before: its id, and when something was made of it.
pub async fn store_event(
    conn: &mut PgConnection,
    gateway: &str,
    notice: &Notice,
    body: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<(i64, Option<OffsetDateTime>)> {
    sqlx::query(
        "insert into gateway_events (gateway, event_key, merchant_ref, notice, body, received_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (gateway, event_key) do nothing",
    )
    .bind(gateway)
    .bind(&notice.event_key)
    .bind(&notice.merchant_ref)
    .bind(Json(notice))
    .bind(body)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    sqlx::query_as("select id, processed_at from gateway_events where gateway = $1 and event_key = $2 for update")
        .bind(gateway)
        .bind(&notice.event_key)
        .fetch_one(conn)
        .await
}

pub async fn finish_event(
    conn: &mut PgConnection,
    id: i64,
    outcome: &str,
    processed_at: Option<OffsetDateTime>,
) -> sqlx::Result<()> {
    sqlx::query("update gateway_events set outcome = $2, processed_at = $3 where id = $1")
        .bind(id)
        .bind(outcome)
        .bind(processed_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// What a stored notification says, read anew.
pub async fn write_reading(conn: &mut PgConnection, id: i64, notice: &Notice) -> sqlx::Result<()> {
    sqlx::query("update gateway_events set notice = $2, merchant_ref = $3 where id = $1")
        .bind(id)
        .bind(Json(notice))
        .bind(&notice.merchant_ref)
        .execute(conn)
        .await?;
    Ok(())
}

/// The next stored notification after `after`, locked: one that nothing was made of yet, or with `since` any that came since then.
pub async fn next_to_replay(
    conn: &mut PgConnection,
    after: i64,
    gateway: Option<&str>,
    since: Option<OffsetDateTime>,
) -> sqlx::Result<Option<Event>> {
    sqlx::query_as(
        "select id, gateway, notice, body, processed_at from gateway_events
         where id > $1 and ($2::text is null or gateway = $2)
           and case when $3::timestamptz is null then processed_at is null else received_at >= $3 end
         order by id limit 1 for update skip locked",
    )
    .bind(after)
    .bind(gateway)
    .bind(since)
    .fetch_optional(conn)
    .await
}

pub async fn lock_event(conn: &mut PgConnection, id: i64) -> sqlx::Result<Option<Event>> {
    sqlx::query_as("select id, gateway, notice, body, processed_at from gateway_events where id = $1 for update")
        .bind(id)
        .fetch_optional(conn)
        .await
}
