use crate::ids::{AccountId, OrderId};
use crate::money::Money;
use crate::orders::model::{Order, PAYMENT_WINDOW};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

const INSERT: &str = "with placed as (
  insert into orders (id, number, account_id, line_id, plan, attempt_key, amount_minor, currency, effect, time_zone, before_from,
    before_until, promised_from, promised_until, promised_anchor_day, lost_data_bytes, lost_days, expires_at, created_at,
    plan_zh, plan_en, term_unit, term_count, data_unlimited, data_bytes, minutes, sms, iccid, msisdn)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
    $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)
  on conflict do nothing returning id),
event as (
  insert into order_events (order_id, at, event, to_status) select id, $19, 'placed', 'awaiting_payment' from placed)
select id from placed";

/// Inserts the order with its first event. `None`: this line has an open order, or this attempt key was used before.
pub async fn insert(conn: &mut PgConnection, order: &Order, attempt_key: Uuid) -> sqlx::Result<Option<OrderId>> {
    sqlx::query_scalar(INSERT)
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

/// What a top-up's row says.
pub struct TopUp<'a> {
    pub account: AccountId,
    pub attempt_key: Uuid,
    pub amount: Money,
    pub name_zh: &'a str,
    pub name_en: &'a str,
    pub time_zone: &'a str,
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
