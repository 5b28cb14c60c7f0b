use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Refund {
    pub id: String,
    pub merchant_refund_no: String,
    pub payment_id: String,
    pub amount_minor: i64,
    pub status: String,
    pub details: Value,
}

pub async fn refund_by_no(db: impl PgExecutor<'_>, no: &str) -> sqlx::Result<Option<Refund>> {
    sqlx::query_as("select * from sandbox.refunds where merchant_refund_no = $1").bind(no).fetch_optional(db).await
}

/// What refunds have taken of a payment already.
pub async fn refunded(conn: &mut PgConnection, payment: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select coalesce(sum(amount_minor), 0)::bigint from sandbox.refunds where payment_id = $1 and status <> 'failed'",
    )
    .bind(payment)
    .fetch_one(conn)
    .await
}

pub async fn insert_refund(
    conn: &mut PgConnection,
    refund: &Refund,
    finishes_at: OffsetDateTime,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into sandbox.refunds (id, merchant_refund_no, payment_id, amount_minor, details, finishes_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&refund.id)
    .bind(&refund.merchant_refund_no)
    .bind(&refund.payment_id)
    .bind(refund.amount_minor)
    .bind(&refund.details)
    .bind(finishes_at)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Finishes one refund that is due: `14` fails.
pub async fn finish_refund(conn: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<Option<Refund>> {
    sqlx::query_as(
        "update sandbox.refunds set status = case when amount_minor % 100 = 14 then 'failed' else 'succeeded' end
         where id = (select id from sandbox.refunds where status = 'accepted' and finishes_at <= $1
                     order by finishes_at limit 1 for update skip locked)
         returning *",
    )
    .bind(now)
    .fetch_optional(conn)
    .await
}
