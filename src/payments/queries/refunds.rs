use crate::ids::{AttemptId, RefundId};
use crate::money::Money;
use crate::payments::model::{Refund, RefundReason, RefundStatus};
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

/// `false`: more than was received would go back, or it came in another currency, or nothing came.
pub async fn reserve_refund(conn: &mut PgConnection, attempt: AttemptId, amount: Money) -> sqlx::Result<bool> {
    let reserved = sqlx::query(
        "update payment_attempts set refund_reserved_minor = refund_reserved_minor + $2
         where id = $1 and status = 'succeeded' and received_currency = $3 and $2 > 0
           and $2 <= received_minor - refund_reserved_minor",
    )
    .bind(attempt)
    .bind(amount.minor)
    .bind(amount.currency.code())
    .execute(conn)
    .await?;
    Ok(reserved.rows_affected() == 1)
}

pub async fn insert_refund(conn: &mut PgConnection, refund: &Refund) -> sqlx::Result<()> {
    sqlx::query(
        "insert into refunds (id, attempt_id, account_id, amount_minor, currency, merchant_refund_no, reason, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(refund.id)
    .bind(refund.attempt_id)
    .bind(refund.account_id)
    .bind(refund.amount_minor)
    .bind(refund.currency.code())
    .bind(&refund.merchant_refund_no)
    .bind(refund.reason)
    .bind(refund.created_at)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn refund(db: impl PgExecutor<'_>, id: RefundId) -> sqlx::Result<Option<Refund>> {
    sqlx::query_as("select * from refunds where id = $1").bind(id).fetch_optional(db).await
}

pub async fn lock_refund(conn: &mut PgConnection, id: RefundId) -> sqlx::Result<Option<Refund>> {
    sqlx::query_as("select * from refunds where id = $1 for no key update").bind(id).fetch_optional(conn).await
}

pub async fn refund_numbered(
    conn: &mut PgConnection,
    gateway: &str,
    merchant_refund_no: &str,
) -> sqlx::Result<Option<RefundId>> {
    sqlx::query_scalar(
        "select r.id from refunds r join payment_attempts a on a.id = r.attempt_id
         where a.gateway = $1 and r.merchant_refund_no = $2",
    )
    .bind(gateway)
    .bind(merchant_refund_no)
    .fetch_optional(conn)
    .await
}

pub async fn automatic_refund_of(conn: &mut PgConnection, attempt: AttemptId) -> sqlx::Result<Option<RefundId>> {
    let automatic: Vec<&str> =
        RefundReason::ALL.iter().filter(|reason| reason.is_automatic()).map(|reason| reason.as_str()).collect();
    sqlx::query_scalar("select id from refunds where attempt_id = $1 and reason = any($2)")
        .bind(attempt)
        .bind(automatic)
        .fetch_optional(conn)
        .await
}

pub async fn move_refund(
    conn: &mut PgConnection,
    id: RefundId,
    to: RefundStatus,
    provider_refund_id: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update refunds set status = $2, provider_refund_id = coalesce($3, provider_refund_id),
                            succeeded_at = case when $2 = 'succeeded' then $4 else succeeded_at end
         where id = $1",
    )
    .bind(id)
    .bind(to)
    .bind(provider_refund_id)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn mark_refund_unclear(conn: &mut PgConnection, id: RefundId) -> sqlx::Result<()> {
    sqlx::query("update refunds set status = 'unknown' where id = $1 and status = 'requested'")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn refunds_of(conn: &mut PgConnection, attempt: AttemptId) -> sqlx::Result<Vec<Refund>> {
    sqlx::query_as("select * from refunds where attempt_id = $1 order by created_at, id")
        .bind(attempt)
        .fetch_all(conn)
        .await
}
