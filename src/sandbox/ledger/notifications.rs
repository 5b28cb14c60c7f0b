use super::Payment;
use crate::sandbox::protocol::{Message, Protocol};
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

pub async fn insert_notification(
    conn: &mut PgConnection,
    payment: &Payment,
    message: &Message,
    due_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into sandbox.notifications (event_id, protocol, url, body, due_at) values ($1, $2, $3, $4, $5)",
    )
    .bind(&message.id)
    .bind(payment.protocol)
    .bind(&payment.notify_url)
    .bind(&message.body)
    .bind(due_at)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
pub struct Due {
    pub id: i64,
    pub protocol: Protocol,
    pub url: String,
    pub body: String,
}

/// Takes what is due and sets its next try, so that one that is lost with the process is sent again.
pub async fn take_due(conn: &mut PgConnection, protocol: Protocol, now: OffsetDateTime) -> sqlx::Result<Vec<Due>> {
    sqlx::query_as(
        "update sandbox.notifications set tries = tries + 1,
           due_at = $1 + make_interval(secs => coalesce(($3::int[])[tries + 1], 0))
         where id in (select id from sandbox.notifications
                      where protocol = $2 and sent_at is null and due_at <= $1 and tries <= cardinality($3::int[])
                      order by due_at, id limit 20 for update skip locked)
         returning id, protocol, url, body",
    )
    .bind(now)
    .bind(protocol)
    .bind(protocol.waits())
    .fetch_all(conn)
    .await
}

pub async fn note_answer(
    db: impl PgExecutor<'_>,
    id: i64,
    answer: &str,
    sent_at: Option<OffsetDateTime>,
) -> sqlx::Result<()> {
    sqlx::query("update sandbox.notifications set last_answer = left($2, 200), sent_at = $3 where id = $1")
        .bind(id)
        .bind(answer)
        .bind(sent_at)
        .execute(db)
        .await?;
    Ok(())
}
