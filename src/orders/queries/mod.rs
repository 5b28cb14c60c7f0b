//! All SQL on orders, their events and their cases. Here is what finds an order and what is asked of it.

use crate::ids::{AccountId, AttemptId, LineId, OrderId, RefundId};
use crate::orders::model::Order;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

macro_rules! order_columns {
    () => {
        "o.id, o.number, o.account_id, o.kind, o.line_id, coalesce(o.plan, '') as plan, o.amount_minor, o.currency, coalesce(o.effect, 'max') as effect,
         o.plan_zh, o.plan_en, coalesce(o.term_unit, 'day') as term_unit, coalesce(o.term_count, 0) as term_count,
         coalesce(o.data_unlimited, false) as data_unlimited, o.data_bytes, coalesce(o.minutes, 0) as minutes, coalesce(o.sms, 0) as sms,
         coalesce(o.iccid, '') as iccid, o.msisdn, o.status, o.time_zone, coalesce(o.before_from, o.created_at::date) as before_from,
         coalesce(o.before_until, o.created_at::date) as before_until, coalesce(o.promised_from, o.created_at::date) as promised_from,
         coalesce(o.promised_until, o.created_at::date) as promised_until, coalesce(o.promised_anchor_day, 1::smallint) as promised_anchor_day,
         o.lost_data_bytes, o.lost_days, o.fulfilled_until, o.expires_at, o.created_at, o.paid_at, o.fulfilled_at, o.closed_at"
    };
}
use order_columns;

mod cases;
pub mod detail;
pub mod history;
pub mod listing;
mod moving;
pub mod overview;
mod placing;
pub mod renewable;
pub mod returns;

pub use cases::{close_case, close_cases, open_case};
pub use moving::{Move, move_status, note, renew_promise};
pub use placing::{TopUp, insert, insert_top_up, standing_in_the_way};

/// The order if it is this account's.
pub async fn of_account(
    executor: impl PgExecutor<'_>,
    order: OrderId,
    account: AccountId,
) -> sqlx::Result<Option<Order>> {
    sqlx::query_as(concat!("select ", order_columns!(), " from orders o where o.id = $1 and o.account_id = $2"))
        .bind(order)
        .bind(account)
        .fetch_optional(executor)
        .await
}

pub async fn by_id(executor: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Option<Order>> {
    sqlx::query_as(concat!("select ", order_columns!(), " from orders o where o.id = $1"))
        .bind(order)
        .fetch_optional(executor)
        .await
}

/// Locks the order. Always before its attempts, so that two who need both never wait for each other.
pub async fn lock(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<Order> {
    sqlx::query_as(concat!("select ", order_columns!(), " from orders o where o.id = $1 for update"))
        .bind(order)
        .fetch_one(conn)
        .await
}

/// Which order an attempt, a refund or a provisioning belongs to is read without a lock, to lock the order first.
pub async fn of_attempt(executor: impl PgExecutor<'_>, attempt: AttemptId) -> sqlx::Result<OrderId> {
    sqlx::query_scalar("select order_id from payment_attempts where id = $1").bind(attempt).fetch_one(executor).await
}

pub async fn of_refund(executor: impl PgExecutor<'_>, refund: RefundId) -> sqlx::Result<OrderId> {
    sqlx::query_scalar(
        "select a.order_id from refunds r join payment_attempts a on a.id = r.attempt_id where r.id = $1",
    )
    .bind(refund)
    .fetch_one(executor)
    .await
}

/// The attempt that settled the order.
pub async fn applied_attempt(executor: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Option<AttemptId>> {
    sqlx::query_scalar("select id from payment_attempts where order_id = $1 and applied")
        .bind(order)
        .fetch_optional(executor)
        .await
}

/// Something was ordered for the line and is not delivered, or waits for a person.
pub async fn has_open(conn: &mut PgConnection, line: LineId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from orders where line_id = $1 and status in ('awaiting_payment', 'paid', 'needs_attention'))",
    )
    .bind(line)
    .fetch_one(conn)
    .await
}

/// Another order of the line waits for money or for the carrier, or took this one's place and was paid.
pub async fn has_other_order(conn: &mut PgConnection, order: &Order) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from orders where line_id = $1 and id <> $2
           and (status in ('awaiting_payment', 'paid') or (created_at > $3 and status in ('fulfilled', 'needs_attention'))))",
    )
        .bind(order.line_id)
        .bind(order.id)
        .bind(order.created_at)
        .fetch_one(conn)
        .await
}

/// Whether a renewal of the same line was done after this order's and began at once.
pub async fn was_replaced(conn: &mut PgConnection, order: &Order) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from orders where line_id = $1 and fulfilled_at > $2 and effect in ('restart', 'roll', 'replace'))",
    )
    .bind(order.line_id)
    .bind(order.fulfilled_at)
    .fetch_one(conn)
    .await
}

pub async fn has_event(executor: impl PgExecutor<'_>, order: OrderId, event: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from order_events where order_id = $1 and event = $2)")
        .bind(order)
        .bind(event)
        .fetch_one(executor)
        .await
}

/// Orders whose payment window has closed.
pub async fn overdue(conn: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<Vec<OrderId>> {
    sqlx::query_scalar(
        "select id from orders where status = 'awaiting_payment' and expires_at <= $1 order by expires_at limit 500",
    )
    .bind(now)
    .fetch_all(conn)
    .await
}
