//! Orders as pages list them, joined with what stands beside them.

use crate::ids::{AccountId, OrderId};
use crate::money::{Currency, Money};
use crate::orders::standing::Facts;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct ListedOrder {
    pub id: OrderId,
    pub number: String,
    pub created_at: OffsetDateTime,
    pub amount_minor: i64,
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    pub plan_zh: String,
    pub plan_en: String,
    pub msisdn: Option<String>,
    pub iccid: String,
    #[sqlx(flatten)]
    pub facts: Facts,
    /// The carrier has renewed the line, so there is a receipt.
    pub has_receipt: bool,
    total: i64,
}

impl ListedOrder {
    pub fn amount(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }
}

/// The columns of [`Facts`], with the newest attempt joined as `a`, the provisioning as `p` and the order as `o`.
macro_rules! fact_columns {
    () => {
        "o.status, o.paid_at, a.status as attempt_status, p.status as provisioning_status,
         coalesce(a.status = 'succeeded' and not a.applied and a.refund_reserved_minor = 0, false) as money_undecided,
         (select r.status from refunds r join payment_attempts ra on ra.id = r.attempt_id where ra.order_id = o.id order by r.created_at desc limit 1)
           as refund_status,
         (select r.reason from refunds r join payment_attempts ra on ra.id = r.attempt_id where ra.order_id = o.id order by r.created_at desc limit 1)
           as refund_reason,
         coalesce(o.fulfilled_until <> o.promised_until, false) as differs"
    };
}
pub(crate) use fact_columns;

/// An account's orders, newest first. What stands beside an order is looked for only where it says more than the order's own state.
macro_rules! listed {
    ($total:literal, $page:literal) => {
        concat!(
            "select o.id, o.number, o.created_at, o.amount_minor, o.currency, o.plan_zh, o.plan_en, o.msisdn, o.iccid,
               o.fulfilled_until is not null as has_receipt, o.status, o.paid_at,
               coalesce(o.fulfilled_until <> o.promised_until, false) as differs,
               case when o.status = 'awaiting_payment' then
                 (select a.status from payment_attempts a where a.order_id = o.id order by a.created_at desc limit 1) end as attempt_status,
               o.status = 'awaiting_payment' and exists (select from payment_attempts a where a.order_id = o.id
                 and a.status = 'succeeded' and not a.applied and a.refund_reserved_minor = 0) as money_undecided,
               case when o.status = 'paid' then (select p.status from provisionings p where p.order_id = o.id) end as provisioning_status,
               case when o.status = 'needs_attention' then (select r.status from refunds r join payment_attempts a on a.id = r.attempt_id
                 where a.order_id = o.id order by r.created_at desc limit 1) end as refund_status,
               case when o.status = 'needs_attention' then (select r.reason from refunds r join payment_attempts a on a.id = r.attempt_id
                 where a.order_id = o.id order by r.created_at desc limit 1) end as refund_reason, ",
            $total,
            " as total from orders o where o.account_id = $1 order by o.created_at desc limit ",
            $page
        )
    };
}

/// An account's orders, newest first, and how many there are.
pub async fn of_account(
    pool: &PgPool,
    account: AccountId,
    limit: i64,
    offset: i64,
) -> sqlx::Result<(Vec<ListedOrder>, i64)> {
    let rows: Vec<ListedOrder> = sqlx::query_as(listed!("count(*) over ()", "$2 offset $3"))
        .bind(account)
        .bind(limit)
        .bind(offset)
        .fetch_all(pool)
        .await?;
    let total = rows.first().map_or(0, |row| row.total);
    Ok((rows, total))
}

/// The newest few of an account's orders.
pub async fn newest(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<Vec<ListedOrder>> {
    sqlx::query_as(listed!("0::bigint", "5")).bind(account).fetch_all(conn).await
}
