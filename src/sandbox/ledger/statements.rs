//! What each gateway puts into its statement of a day.

use sqlx::PgExecutor;
use time::OffsetDateTime;

/// A line of a statement: money that came, or with a refund's number money that went back.
#[derive(sqlx::FromRow)]
pub struct DayLine {
    pub merchant_ref: String,
    pub transaction_id: String,
    pub amount_minor: i64,
    pub currency: String,
    pub at: OffsetDateTime,
    pub merchant_refund_no: Option<String>,
    pub refund_id: Option<String>,
}

pub async fn day_lines(
    db: impl PgExecutor<'_>,
    from: OffsetDateTime,
    to: OffsetDateTime,
) -> sqlx::Result<Vec<DayLine>> {
    sqlx::query_as(
        "select merchant_ref, transaction_id, received_minor as amount_minor, currency, paid_at as at, null as merchant_refund_no, null as refund_id
         from sandbox.payments where protocol = 'sandbox' and paid_at >= $1 and paid_at < $2
         union all
         select p.merchant_ref, p.transaction_id, r.amount_minor, p.currency, r.finishes_at, r.merchant_refund_no, r.id
         from sandbox.refunds r join sandbox.payments p on p.id = r.payment_id
         where p.protocol = 'sandbox' and r.status = 'succeeded' and r.finishes_at >= $1 and r.finishes_at < $2
         order by at",
    )
    .bind(from)
    .bind(to)
    .fetch_all(db)
    .await
}

/// Money that came or went back.
#[derive(sqlx::FromRow)]
pub struct Booked {
    pub at: OffsetDateTime,
    pub merchant_ref: String,
    pub merchant: String,
    pub transaction_id: String,
    pub amount_minor: i64,
    pub refund_id: Option<String>,
    pub merchant_refund_no: Option<String>,
    pub refund_status: Option<String>,
}

pub async fn booked_by_wechat(
    db: impl PgExecutor<'_>,
    from: OffsetDateTime,
    until: OffsetDateTime,
) -> sqlx::Result<Vec<Booked>> {
    sqlx::query_as(
        "select paid_at as at, merchant_ref, merchant, transaction_id, received_minor as amount_minor,
                null as refund_id, null as merchant_refund_no, null as refund_status
         from sandbox.payments where protocol = 'wechat' and paid_at >= $1 and paid_at < $2
         union all
         select r.created_at, p.merchant_ref, p.merchant, p.transaction_id, r.amount_minor, r.id, r.merchant_refund_no, r.status
         from sandbox.refunds r join sandbox.payments p on p.id = r.payment_id
         where p.protocol = 'wechat' and r.created_at >= $1 and r.created_at < $2
         order by 1",
    )
    .bind(from)
    .bind(until)
    .fetch_all(db)
    .await
}

/// Money that came or went back on a day, for its statement.
#[derive(sqlx::FromRow)]
pub struct Booking {
    pub trade_no: String,
    pub merchant_ref: String,
    pub subject: String,
    pub refund_no: Option<String>,
    pub amount_minor: i64,
    pub created_at: OffsetDateTime,
    pub at: OffsetDateTime,
}

pub async fn alipay_bookings(
    db: impl PgExecutor<'_>,
    from: OffsetDateTime,
    to: OffsetDateTime,
) -> sqlx::Result<Vec<Booking>> {
    sqlx::query_as(
        "select id as trade_no, merchant_ref, order_number as subject, null as refund_no, received_minor as amount_minor,
                created_at, paid_at as at
         from sandbox.payments where protocol = 'alipay' and status = 'paid' and paid_at >= $1 and paid_at < $2
         union all
         select p.id, p.merchant_ref, p.order_number, r.merchant_refund_no, r.amount_minor, p.created_at, r.finishes_at
         from sandbox.refunds r join sandbox.payments p on p.id = r.payment_id
         where p.protocol = 'alipay' and r.status = 'succeeded' and r.finishes_at >= $1 and r.finishes_at < $2
         order by at, refund_no nulls first",
    )
    .bind(from)
    .bind(to)
    .fetch_all(db)
    .await
}
