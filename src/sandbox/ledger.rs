//! All SQL of the sandbox.

use super::api::NewPayment;
use super::protocol::{Message, Protocol};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Payment {
    pub id: String,
    pub merchant_ref: String,
    pub protocol: Protocol,
    pub details: Value,
    pub amount_minor: i64,
    pub currency: String,
    pub merchant: String,
    pub order_number: String,
    pub lang: String,
    pub return_url: String,
    pub notify_url: String,
    pub status: String,
    pub outcome: Option<String>,
    pub transaction_id: Option<String>,
    pub received_minor: Option<i64>,
    pub paid_at: Option<OffsetDateTime>,
    pub silent_until: Option<OffsetDateTime>,
    pub expires_at: OffsetDateTime,
}

impl Payment {
    pub fn is_silent(&self, now: OffsetDateTime) -> bool {
        self.silent_until.is_some_and(|until| now < until)
    }

    /// Nothing was chosen yet and there is time.
    pub fn awaits_payer(&self, now: OffsetDateTime) -> bool {
        self.status == "open" && self.outcome.is_none() && now < self.expires_at
    }
}

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Refund {
    pub id: String,
    pub merchant_refund_no: String,
    pub payment_id: String,
    pub amount_minor: i64,
    pub status: String,
    pub details: Value,
}

pub async fn insert(
    conn: &mut PgConnection,
    id: &str,
    new: &NewPayment,
    (protocol, details): (Protocol, Value),
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into sandbox.payments (id, merchant_ref, protocol, details, amount_minor, currency, merchant, order_number,
                                       lang, return_url, notify_url, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (merchant_ref) do nothing",
    )
    .bind(id)
    .bind(&new.merchant_ref)
    .bind(protocol)
    .bind(details)
    .bind(new.amount_minor)
    .bind(&new.currency)
    .bind(&new.merchant)
    .bind(&new.order_number)
    .bind(&new.lang)
    .bind(&new.return_url)
    .bind(&new.notify_url)
    .bind(expires_at)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn by_ref(db: impl PgExecutor<'_>, merchant_ref: &str) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where merchant_ref = $1").bind(merchant_ref).fetch_optional(db).await
}

pub async fn by_id(db: impl PgExecutor<'_>, id: &str) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where id = $1").bind(id).fetch_optional(db).await
}

pub async fn lock_by_id(conn: &mut PgConnection, id: &str) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where id = $1 for update").bind(id).fetch_optional(conn).await
}

pub async fn lock_by_ref(conn: &mut PgConnection, merchant_ref: &str) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where merchant_ref = $1 for update")
        .bind(merchant_ref)
        .fetch_optional(conn)
        .await
}

pub async fn lock_by_transaction(conn: &mut PgConnection, transaction: &str) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where transaction_id = $1 for update")
        .bind(transaction)
        .fetch_optional(conn)
        .await
}

pub async fn set_status(conn: &mut PgConnection, id: &str, status: &str) -> sqlx::Result<()> {
    sqlx::query("update sandbox.payments set status = $2 where id = $1").bind(id).bind(status).execute(conn).await?;
    Ok(())
}

pub async fn note_outcome(conn: &mut PgConnection, id: &str, outcome: &str) -> sqlx::Result<()> {
    sqlx::query("update sandbox.payments set outcome = $2 where id = $1").bind(id).bind(outcome).execute(conn).await?;
    Ok(())
}

pub async fn pay_at(conn: &mut PgConnection, id: &str, at: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update sandbox.payments set pays_at = $2 where id = $1").bind(id).bind(at).execute(conn).await?;
    Ok(())
}

pub async fn be_silent(conn: &mut PgConnection, id: &str, until: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update sandbox.payments set silent_until = $2 where id = $1")
        .bind(id)
        .bind(until)
        .execute(conn)
        .await?;
    Ok(())
}

/// The money is there, whatever the payment was before. Returns the payment as it is now.
pub async fn pay(
    conn: &mut PgConnection,
    id: &str,
    transaction: &str,
    received: i64,
    at: OffsetDateTime,
) -> sqlx::Result<Payment> {
    sqlx::query_as(
        "update sandbox.payments set status = 'paid', transaction_id = $2, received_minor = $3, paid_at = $4, pays_at = null
         where id = $1 returning *",
    )
    .bind(id)
    .bind(transaction)
    .bind(received)
    .bind(at)
    .fetch_one(conn)
    .await
}

/// A payment whose money was on its way and is there by now, locked.
pub async fn next_arrival(conn: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where pays_at <= $1 order by pays_at limit 1 for update skip locked")
        .bind(now)
        .fetch_optional(conn)
        .await
}

pub async fn close_expired(conn: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query(
        "update sandbox.payments set status = 'closed' where status = 'open' and pays_at is null and expires_at <= $1",
    )
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
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
