use super::{DISPUTED, job, queries};
use crate::ids::AttemptId;
use crate::jobs;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// The payer has asked their bank for the money. From now on nothing of it goes back by itself: that would pay twice.
/// `event` is the stored notification's number, so that each one is told upward once.
pub(super) async fn disputed(
    conn: &mut PgConnection,
    attempt: AttemptId,
    event: i64,
    detail: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    queries::lock_attempt(conn, attempt).await?.ok_or(sqlx::Error::RowNotFound)?;
    queries::mark_disputed(conn, attempt, now).await?;
    metrics::counter!("payment_disputes_total").increment(1);
    let payload = serde_json::json!({ "attempt_id": attempt, "detail": detail });
    jobs::enqueue(conn, job(DISPUTED, format!("{attempt}:{event}"), payload, now)).await
}
