use super::gateway::{MoneyIn, Notice, Presentation};
use super::model::{Attempt, AttemptStatus, Refund, RefundReason, RefundStatus};
use super::open::OpenPayment;
use crate::ids::{AttemptId, CaseId, OrderId, RefundId};
use crate::money::Money;
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

pub async fn insert_attempt(
    conn: &mut PgConnection,
    id: AttemptId,
    merchant_ref: &str,
    payment: &OpenPayment,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into payment_attempts (id, order_id, account_id, amount_minor, currency, gateway, method, merchant_ref,
                                       order_number, language, return_url, payer_device, payer_address, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(id)
    .bind(payment.order)
    .bind(payment.account)
    .bind(payment.amount.minor)
    .bind(payment.amount.currency.code())
    .bind(payment.gateway)
    .bind(&payment.method)
    .bind(merchant_ref)
    .bind(&payment.order_number)
    .bind(payment.language)
    .bind(&payment.return_url)
    .bind(payment.payer.device)
    .bind(&payment.payer.address)
    .bind(payment.expires_at)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn attempt(db: impl PgExecutor<'_>, id: AttemptId) -> sqlx::Result<Option<Attempt>> {
    sqlx::query_as("select * from payment_attempts where id = $1").bind(id).fetch_optional(db).await
}

pub async fn open_attempt_of(db: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Option<Attempt>> {
    sqlx::query_as(
        "select * from payment_attempts where order_id = $1 and status in ('creating','pending','unknown','closing')",
    )
    .bind(order)
    .fetch_optional(db)
    .await
}

pub async fn attempt_named(
    db: impl PgExecutor<'_>,
    gateway: &str,
    merchant_ref: &str,
) -> sqlx::Result<Option<AttemptId>> {
    sqlx::query_scalar("select id from payment_attempts where gateway = $1 and merchant_ref = $2")
        .bind(gateway)
        .bind(merchant_ref)
        .fetch_optional(db)
        .await
}

/// Holds the order's row against deletion and exclusive locks, then locks the attempt: always in this order.
pub async fn lock_attempt(conn: &mut PgConnection, id: AttemptId) -> sqlx::Result<Option<Attempt>> {
    sqlx::query("select 1 from orders where id = (select order_id from payment_attempts where id = $1) for key share")
        .bind(id)
        .execute(&mut *conn)
        .await?;
    sqlx::query_as("select * from payment_attempts where id = $1 for no key update").bind(id).fetch_optional(conn).await
}

/// Moves the state only if it still is `from`.
pub async fn move_attempt(
    conn: &mut PgConnection,
    id: AttemptId,
    from: AttemptStatus,
    to: AttemptStatus,
    failure: Option<&str>,
) -> sqlx::Result<bool> {
    let moved = sqlx::query(
        "update payment_attempts set status = $3, failure = coalesce(left($4, 500), failure) where id = $1 and status = $2",
    )
    .bind(id)
    .bind(from)
    .bind(to)
    .bind(failure)
    .execute(conn)
    .await?;
    Ok(moved.rows_affected() == 1)
}

pub async fn store_presentation(
    conn: &mut PgConnection,
    id: AttemptId,
    provider_ref: Option<&str>,
    presentation: &Presentation,
) -> sqlx::Result<()> {
    sqlx::query(
        "update payment_attempts set provider_ref = coalesce($2, provider_ref), presentation = $3 where id = $1",
    )
    .bind(id)
    .bind(provider_ref)
    .bind(Json(presentation))
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn record_money(conn: &mut PgConnection, id: AttemptId, money: &MoneyIn) -> sqlx::Result<()> {
    sqlx::query(
        "update payment_attempts set status = 'succeeded', provider_txn_id = $2, received_minor = $3,
                                     received_currency = $4, succeeded_at = $5
         where id = $1 and status <> 'succeeded'",
    )
    .bind(id)
    .bind(&money.transaction)
    .bind(money.received.minor)
    .bind(money.received.currency.code())
    .bind(money.at)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn count_query(conn: &mut PgConnection, id: AttemptId) -> sqlx::Result<()> {
    sqlx::query("update payment_attempts set query_count = query_count + 1 where id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// A case that is open already stays as it is.
pub async fn open_second_transaction_case(
    conn: &mut PgConnection,
    attempt: &Attempt,
    transaction: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let detail = serde_json::json!({
        "attempt_id": attempt.id, "first": attempt.provider_txn_id, "second": transaction,
    });
    sqlx::query(
        "insert into cases (id, account_id, order_id, kind, detail, opened_at)
         values ($1, $2, $3, 'second_transaction', $4, $5) on conflict do nothing",
    )
    .bind(CaseId::new())
    .bind(attempt.account_id)
    .bind(attempt.order_id)
    .bind(detail)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

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

/// A stored notification.
#[derive(sqlx::FromRow)]
pub struct Event {
    pub id: i64,
    pub gateway: String,
    pub notice: Json<Notice>,
    pub processed_at: Option<OffsetDateTime>,
}

/// Stores the notification, or finds and locks the one that was stored before.
pub async fn store_event(
    conn: &mut PgConnection,
    gateway: &str,
    notice: &Notice,
    body: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<Event> {
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
    sqlx::query_as(
        "select id, gateway, notice, processed_at from gateway_events where gateway = $1 and event_key = $2 for update",
    )
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

/// The next stored notification after `after` of which nothing was made yet, locked.
pub async fn next_unprocessed(conn: &mut PgConnection, after: i64) -> sqlx::Result<Option<Event>> {
    sqlx::query_as(
        "select id, gateway, notice, processed_at from gateway_events
         where processed_at is null and id > $1 order by id limit 1 for update skip locked",
    )
    .bind(after)
    .fetch_optional(conn)
    .await
}

pub async fn mark_applied(conn: &mut PgConnection, attempt: AttemptId) -> sqlx::Result<()> {
    sqlx::query("update payment_attempts set applied = true where id = $1").bind(attempt).execute(conn).await?;
    Ok(())
}

pub async fn has_undecided_money(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from payment_attempts a where a.order_id = $1 and a.status = 'succeeded' and not a.applied
           and a.received_minor > 0 and not exists (select from refunds r where r.attempt_id = a.id))",
    )
    .bind(order)
    .fetch_one(conn)
    .await
}
