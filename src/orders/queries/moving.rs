use crate::ids::OrderId;
use crate::orders::model::{Order, OrderStatus};
use crate::plans::effect::Preview;
use serde_json::Value;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

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
