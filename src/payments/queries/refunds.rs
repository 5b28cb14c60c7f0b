use crate::ids::{AttemptId, OrderId, RefundId};
use crate::money::Money;
use crate::payments::model::{Destination, Refund, RefundReason, RefundStatus};
use crate::payments::refund::ByHand;
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

/// `false`: more would go back to the balance than it paid.
pub async fn return_balance(conn: &mut PgConnection, attempt: AttemptId, amount: Money) -> sqlx::Result<bool> {
    let returned = sqlx::query(
        "update payment_attempts set balance_returned_minor = balance_returned_minor + $2
         where id = $1 and balance_state = 'captured' and currency = $3 and $2 > 0 and $2 <= balance_minor - balance_returned_minor",
    )
    .bind(attempt)
    .bind(amount.minor)
    .bind(amount.currency.code())
    .execute(conn)
    .await?;
    Ok(returned.rows_affected() == 1)
}

pub async fn set_destination(conn: &mut PgConnection, refund: RefundId, to: Destination) -> sqlx::Result<()> {
    sqlx::query("update refunds set destination = $2 where id = $1").bind(refund).bind(to).execute(conn).await?;
    Ok(())
}

pub async fn insert_refund(conn: &mut PgConnection, refund: &Refund) -> sqlx::Result<()> {
    sqlx::query(
        "insert into refunds (id, attempt_id, account_id, amount_minor, currency, merchant_refund_no, reason, status, provider_refund_id,
                              reserved_minor, turn, failure, asked_at, created_at, succeeded_at, source, destination, why)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(refund.id)
    .bind(refund.attempt_id)
    .bind(refund.account_id)
    .bind(refund.amount_minor)
    .bind(refund.currency.code())
    .bind(&refund.merchant_refund_no)
    .bind(refund.reason)
    .bind(refund.status)
    .bind(&refund.provider_refund_id)
    .bind(refund.reserved_minor)
    .bind(refund.turn)
    .bind(&refund.failure)
    .bind(refund.asked_at)
    .bind(refund.created_at)
    .bind(refund.succeeded_at)
    .bind(refund.source)
    .bind(refund.destination)
    .bind(&refund.why)
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

/// Moves its state; an end or a new try is one turn more. Returns the turn.
pub async fn move_refund(conn: &mut PgConnection, id: RefundId, step: Step<'_>) -> sqlx::Result<i32> {
    let counts = !matches!(step.to, RefundStatus::Submitted | RefundStatus::Unknown);
    sqlx::query_scalar(
        "update refunds set status = $2, provider_refund_id = coalesce($3, provider_refund_id), turn = turn + $4,
                            failure = coalesce(left($5, 500), failure), by_hand = coalesce($6, by_hand), customer_note = coalesce($8, customer_note),
                            asked_at = case when $2 = 'requested' then $7 else asked_at end,
                            succeeded_at = case when $2 = 'succeeded' then $7 when $2 in ('requested', 'failed', 'manual') then null else succeeded_at end
         where id = $1 returning turn",
    )
    .bind(id)
    .bind(step.to)
    .bind(step.provider_refund_id)
    .bind(i32::from(counts))
    .bind(step.failure)
    .bind(step.by_hand.map(|by_hand| by_hand.note))
    .bind(step.now)
    .bind(step.by_hand.and_then(|by_hand| by_hand.to_customer))
    .fetch_one(conn)
    .await
}

/// What is written beside a refund's new state.
pub struct Step<'a> {
    pub to: RefundStatus,
    pub provider_refund_id: Option<&'a str>,
    pub failure: Option<&'a str>,
    pub by_hand: Option<ByHand<'a>>,
    pub now: OffsetDateTime,
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

/// The attempt's refund that the gateway knows under this name of its own.
pub async fn refund_known_as(
    conn: &mut PgConnection,
    attempt: AttemptId,
    provider_refund_id: &str,
) -> sqlx::Result<Option<RefundId>> {
    sqlx::query_scalar("select id from refunds where attempt_id = $1 and provider_refund_id = $2")
        .bind(attempt)
        .bind(provider_refund_id)
        .fetch_optional(conn)
        .await
}

/// Takes as much of what came as is left of it, for money that has gone back already. Returns how much that was.
pub async fn reserve_what_is_left(conn: &mut PgConnection, attempt: AttemptId, amount: Money) -> sqlx::Result<i64> {
    let taken: Option<i64> = sqlx::query_scalar(
        "with before as (
           select id, least($2, received_minor - refund_reserved_minor) as taken from payment_attempts
           where id = $1 and status = 'succeeded' and received_currency = $3)
         update payment_attempts a set refund_reserved_minor = a.refund_reserved_minor + b.taken
         from before b where a.id = b.id returning b.taken",
    )
    .bind(attempt)
    .bind(amount.minor)
    .bind(amount.currency.code())
    .fetch_optional(conn)
    .await?;
    Ok(taken.unwrap_or(0))
}

/// A refund of this order waits for a person.
pub async fn has_failed_refund(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from refunds r join payment_attempts a on a.id = r.attempt_id
           where a.order_id = $1 and r.status in ('failed', 'manual'))",
    )
    .bind(order)
    .fetch_one(conn)
    .await
}

/// All the money that settled the order has gone back.
pub async fn is_all_back(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select coalesce(sum(r.reserved_minor) filter (where r.status = 'succeeded') = max(a.received_minor + a.balance_minor), false)
         from payment_attempts a left join refunds r on r.attempt_id = a.id where a.order_id = $1 and a.applied",
    )
    .bind(order)
    .fetch_one(conn)
    .await
}
