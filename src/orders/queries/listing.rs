//! Orders as pages list them. What stands beside an order is asked for only where it says more than the order's own state.

use crate::ids::{AccountId, LineId, OrderId};
use crate::money::{Currency, Money};
use crate::orders::model::OrderStatus;
use crate::orders::standing::{Facts, Standing};
use crate::plans::effect::Effect;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct ListedOrder {
    pub id: OrderId,
    pub number: String,
    pub line_id: Option<LineId>,
    pub plan: String,
    #[sqlx(try_from = "String")]
    pub effect: Effect,
    pub created_at: OffsetDateTime,
    pub amount_minor: i64,
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    pub plan_zh: String,
    pub plan_en: String,
    pub msisdn: Option<String>,
    pub iccid: String,
    pub promised_from: Date,
    pub is_top_up: bool,
    #[sqlx(flatten)]
    pub facts: Facts,
    /// The carrier has renewed the line, so there is a receipt.
    pub has_receipt: bool,
    balances: Option<Vec<String>>,
}

impl ListedOrder {
    /// What the account has to spend. It rides on the orders: money on a balance came by one of them.
    pub fn balances(&self) -> Vec<Money> {
        let read = |text: &String| {
            let (currency, minor) = text.split_once(' ')?;
            Some(Money::new(minor.parse().ok()?, Currency::parse(currency).ok()?))
        };
        self.balances.iter().flatten().filter_map(read).collect()
    }

    pub fn amount(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }

    /// Waits for its money or for the carrier.
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.is_placed() && Standing::of(&self.facts, now) != Standing::Expired
    }

    fn is_placed(&self) -> bool {
        matches!(self.facts.status, OrderStatus::AwaitingPayment | OrderStatus::Paid)
    }

    /// Paid for, and its term begins after that day.
    pub fn begins_after(&self, day: Date) -> bool {
        self.facts.status == OrderStatus::Fulfilled && self.effect == Effect::Queue && self.promised_from > day
    }

    fn is_unfinished(&self) -> bool {
        self.is_placed() || self.facts.status == OrderStatus::NeedsAttention
    }
}

/// The columns of [`Facts`], with the newest attempt joined as `a`, the provisioning as `p` and the order as `o`.
macro_rules! fact_columns {
    () => {
        "o.status, o.paid_at, o.expires_at, a.unpaid_at, exists (select from order_events e where e.order_id = o.id and e.event = 'cancel_asked') as cancel_asked,
         a.status as attempt_status, p.status as provisioning_status,
         coalesce(a.status = 'succeeded' and not a.applied and a.refund_reserved_minor = 0, false) as money_undecided,
         (select r.status from refunds r join payment_attempts ra on ra.id = r.attempt_id where ra.order_id = o.id
           order by r.status = 'succeeded', r.created_at desc limit 1) as refund_status,
         (select r.reason from refunds r join payment_attempts ra on ra.id = r.attempt_id where ra.order_id = o.id order by r.created_at desc limit 1)
           as refund_reason,
         coalesce(o.fulfilled_until <> o.promised_until, false) as differs"
    };
}
pub(crate) use fact_columns;

macro_rules! listed {
    ($orders:literal) => {
        concat!(
            "select o.id, o.number, o.line_id, coalesce(o.plan, '') as plan, coalesce(o.effect, 'max') as effect, o.created_at, o.amount_minor,
               o.currency, o.plan_zh, o.plan_en, o.msisdn, coalesce(o.iccid, '') as iccid, coalesce(o.promised_from, o.created_at::date) as promised_from,
               o.kind = 'top_up' as is_top_up, o.fulfilled_at is not null as has_receipt, o.status, o.paid_at, o.expires_at,
               (select array_agg(currency || ' ' || balance_minor order by currency) from ledger_accounts
                where account_id = $1 and kind = 'customer_balance' and balance_minor > 0) as balances,
               coalesce(o.fulfilled_until <> o.promised_until, false) as differs
             from (",
            $orders,
            ") o order by o.created_at desc, o.id"
        )
    };
}

/// A page of an account's orders, newest first.
pub async fn of_account(
    conn: &mut PgConnection,
    account: AccountId,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<ListedOrder>> {
    let orders = sqlx::query_as(listed!(
        "select * from orders where account_id = $1 order by created_at desc limit $2 offset $3"
    ))
    .bind(account)
    .bind(limit)
    .bind(offset)
    .fetch_all(&mut *conn)
    .await?;
    with_facts(conn, orders).await
}

pub async fn count(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from orders where account_id = $1").bind(account).fetch_one(conn).await
}

/// The newest few of an account's orders, and all that say something of its lines: open ones, and terms that begin after `today`.
pub async fn current(
    conn: &mut PgConnection,
    account: AccountId,
    newest: i64,
    today: Date,
) -> sqlx::Result<Vec<ListedOrder>> {
    let mut orders: Vec<ListedOrder> = sqlx::query_as(listed!(
        "(select * from orders where account_id = $1 order by created_at desc limit $2)
         union all
         select * from orders where account_id = $1
           and (status in ('awaiting_payment', 'paid') or (status = 'fulfilled' and effect = 'queue' and promised_from >= $3))"
    ))
    .bind(account)
    .bind(newest)
    .bind(today)
    .fetch_all(&mut *conn)
    .await?;
    orders.dedup_by_key(|order| order.id);
    with_facts(conn, orders).await
}

#[derive(sqlx::FromRow)]
struct Beside {
    id: OrderId,
    #[sqlx(flatten)]
    facts: Facts,
}

async fn with_facts(conn: &mut PgConnection, mut orders: Vec<ListedOrder>) -> sqlx::Result<Vec<ListedOrder>> {
    let unfinished: Vec<OrderId> = orders.iter().filter(|order| order.is_unfinished()).map(|order| order.id).collect();
    if unfinished.is_empty() {
        return Ok(orders);
    }
    let beside: Vec<Beside> = sqlx::query_as(concat!(
        "select o.id, ",
        fact_columns!(),
        " from orders o left join provisionings p on p.order_id = o.id
          left join lateral (select * from payment_attempts where order_id = o.id order by created_at desc limit 1) a on true
          where o.id = any($1)"
    ))
    .bind(unfinished)
    .fetch_all(conn)
    .await?;
    for Beside { id, facts } in beside {
        orders.iter_mut().filter(|order| order.id == id).for_each(|order| order.facts = facts.clone());
    }
    Ok(orders)
}
