use crate::ids::{AccountId, AttemptId, CaseId, OrderId, RefundId};
use crate::money::Money;
use crate::orders::model::{Order, OrderStatus, PAYMENT_WINDOW};
use crate::plans::effect::Preview;
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

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

pub mod detail;
pub mod history;
pub mod listing;
pub mod overview;
pub mod renewable;
pub mod returns;

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

/// Inserts the order with its first event. `None`: this line has an open
/// order, or this attempt key was used before.
pub async fn insert(conn: &mut PgConnection, order: &Order, attempt_key: Uuid) -> sqlx::Result<Option<OrderId>> {
    sqlx::query_scalar(
        "with placed as (
           insert into orders (id, number, account_id, line_id, plan, attempt_key, amount_minor, currency, effect, time_zone, before_from,
             before_until, promised_from, promised_until, promised_anchor_day, lost_data_bytes, lost_days, expires_at, created_at,
             plan_zh, plan_en, term_unit, term_count, data_unlimited, data_bytes, minutes, sms, iccid, msisdn)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
             $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)
           on conflict do nothing returning id),
         event as (
           insert into order_events (order_id, at, event, to_status) select id, $19, 'placed', 'awaiting_payment' from placed)
         select id from placed",
    )
    .bind(order.id)
    .bind(&order.number)
    .bind(order.account_id)
    .bind(order.line_id)
    .bind(&order.plan)
    .bind(attempt_key)
    .bind(order.amount_minor)
    .bind(order.currency.code())
    .bind(order.effect.as_str())
    .bind(&order.time_zone)
    .bind(order.before_from)
    .bind(order.before_until)
    .bind(order.promised_from)
    .bind(order.promised_until)
    .bind(order.promised_anchor_day)
    .bind(order.lost_data_bytes)
    .bind(order.lost_days)
    .bind(order.expires_at)
    .bind(order.created_at)
    .bind(&order.bought.plan_zh)
    .bind(&order.bought.plan_en)
    .bind(&order.bought.term_unit)
    .bind(order.bought.term_count)
    .bind(order.bought.data_unlimited)
    .bind(order.bought.data_bytes)
    .bind(order.bought.minutes)
    .bind(order.bought.sms)
    .bind(&order.iccid)
    .bind(&order.msisdn)
    .fetch_optional(conn)
    .await
}

/// A top-up with its first event. A second click finds the order of the first.
pub async fn insert_top_up(conn: &mut PgConnection, top_up: &TopUp<'_>, now: OffsetDateTime) -> sqlx::Result<OrderId> {
    let placed: Option<OrderId> = sqlx::query_scalar(
        "with placed as (
           insert into orders (id, number, account_id, kind, attempt_key, amount_minor, currency, plan_zh, plan_en, time_zone, expires_at, created_at)
           values ($1, $2, $3, 'top_up', $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning id),
         event as (
           insert into order_events (order_id, at, event, to_status) select id, $11, 'placed', 'awaiting_payment' from placed)
         select id from placed",
    )
    .bind(OrderId::new())
    .bind(crate::ids::order_number())
    .bind(top_up.account)
    .bind(top_up.attempt_key)
    .bind(top_up.amount.minor)
    .bind(top_up.amount.currency.code())
    .bind(top_up.name_zh)
    .bind(top_up.name_en)
    .bind(top_up.time_zone)
    .bind(now + PAYMENT_WINDOW)
    .bind(now)
    .fetch_optional(&mut *conn)
    .await?;
    match placed {
        Some(placed) => Ok(placed),
        None => {
            sqlx::query_scalar("select id from orders where account_id = $1 and attempt_key = $2")
                .bind(top_up.account)
                .bind(top_up.attempt_key)
                .fetch_one(conn)
                .await
        }
    }
}

/// What a top-up's row says.
pub struct TopUp<'a> {
    pub account: AccountId,
    pub attempt_key: Uuid,
    pub amount: Money,
    pub name_zh: &'a str,
    pub name_en: &'a str,
    pub time_zone: &'a str,
}

/// The order that keeps another from being placed: the one of this attempt key, else the line's open one.
pub async fn standing_in_the_way(
    conn: &mut PgConnection,
    order: &Order,
    attempt_key: Uuid,
) -> sqlx::Result<Option<Order>> {
    sqlx::query_as(concat!(
        "select ",
        order_columns!(),
        " from orders o where o.account_id = $1 and (o.attempt_key = $2 or (o.line_id = $3 and o.status in ('awaiting_payment', 'paid')))
         order by o.attempt_key = $2 desc limit 1"
    ))
    .bind(order.account_id)
    .bind(attempt_key)
    .bind(order.line_id)
    .fetch_optional(conn)
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

/// What is written beside a move to another status.
pub struct Move<'a> {
    pub to: OrderStatus,
    pub event: &'static str,
    pub detail: Value,
    pub now: OffsetDateTime,
    pub order: &'a Order,
    /// The carrier's last day; only, and always, with a move to fulfilled.
    pub fulfilled_until: Option<Date>,
}

/// Moves an order the caller has locked, with its event. A move that is no edge of the graph is a bug: it fails the transaction.
pub async fn move_status(conn: &mut PgConnection, step: Move<'_>) -> anyhow::Result<()> {
    let Move { to, event, detail, now, order, fulfilled_until } = step;
    anyhow::ensure!(order.status.may_become(to), "order {} can't go from {:?} to {to:?}", order.number, order.status);
    let moved = sqlx::query(
        "with moved as (
           update orders set status = $3,
             paid_at = case when $3 = 'paid' then $4 else paid_at end,
             fulfilled_until = coalesce($7, fulfilled_until), fulfilled_at = case when $3 = 'fulfilled' then $4 else fulfilled_at end,
             closed_at = case when $3 in ('expired', 'cancelled', 'refunded') then $4 when $3 = 'paid' then null else closed_at end
           where id = $1 and status = $2 returning id),
         event as (
           insert into order_events (order_id, at, event, from_status, to_status, detail) select id, $4, $5, $2, $3, $6 from moved)
         select pg_notify('orders', id::text) from moved",
    )
    .bind(order.id)
    .bind(order.status)
    .bind(to)
    .bind(now)
    .bind(event)
    .bind(detail)
    .bind(fulfilled_until)
    .execute(conn)
    .await?;
    anyhow::ensure!(moved.rows_affected() == 1, "order {} is no longer {:?}", order.number, order.status);
    Ok(())
}

/// Notes something that happened to an order and did not move it.
pub async fn note(
    conn: &mut PgConnection,
    order: &Order,
    event: &'static str,
    detail: Value,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "with event as (insert into order_events (order_id, at, event, from_status, to_status, detail) values ($1, $2, $3, $4, $4, $5))
         select pg_notify('orders', $1::text)",
    )
    .bind(order.id)
    .bind(now)
    .bind(event)
    .bind(order.status)
    .bind(detail)
    .execute(conn)
    .await?;
    Ok(())
}

/// The promise counted afresh for the day the money came.
pub async fn renew_promise(conn: &mut PgConnection, order: OrderId, preview: &Preview) -> sqlx::Result<()> {
    sqlx::query("update orders set promised_from = $2, promised_until = $3, promised_anchor_day = $4 where id = $1")
        .bind(order)
        .bind(preview.effective_from)
        .bind(preview.until)
        .bind(i16::from(preview.anchor_day))
        .execute(conn)
        .await?;
    Ok(())
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

/// What a person had to look at has settled itself.
pub async fn close_cases(conn: &mut PgConnection, order: OrderId, kind: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update cases set closed_at = $3 where order_id = $1 and kind = $2 and closed_at is null")
        .bind(order)
        .bind(kind)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// `None`: it is closed already.
pub async fn close_case(
    conn: &mut PgConnection,
    case: CaseId,
    note: &str,
    now: OffsetDateTime,
) -> sqlx::Result<Option<(OrderId, String)>> {
    sqlx::query_as(
        "update cases set closed_at = $3, note = $2 where id = $1 and closed_at is null returning order_id, kind",
    )
    .bind(case)
    .bind(note)
    .bind(now)
    .fetch_optional(conn)
    .await
}

/// Opens work for a person; one case of a kind per order.
pub async fn open_case(
    conn: &mut PgConnection,
    order: &Order,
    kind: &'static str,
    detail: Value,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query("insert into cases (id, account_id, order_id, kind, detail, opened_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing")
        .bind(CaseId::new())
        .bind(order.account_id)
        .bind(order.id)
        .bind(kind)
        .bind(detail)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// The attempt that settled the order.
pub async fn applied_attempt(executor: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Option<AttemptId>> {
    sqlx::query_scalar("select id from payment_attempts where order_id = $1 and applied")
        .bind(order)
        .fetch_optional(executor)
        .await
}
