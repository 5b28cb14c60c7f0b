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

/// The orders of `$from`, newest first, with what stands beside each.
macro_rules! listed {
    ($from:literal) => {
        concat!(
            "select o.id, o.number, o.created_at, o.amount_minor, o.currency, pl.name_zh as plan_zh, pl.name_en as plan_en,
               l.msisdn, l.iccid, o.total, o.fulfilled_until is not null as has_receipt, ",
            fact_columns!(),
            " from (", $from, ") o
             join lines l on l.id = o.line_id join plans pl on pl.code = o.plan left join provisionings p on p.order_id = o.id
             left join lateral (select * from payment_attempts where order_id = o.id order by created_at desc limit 1) a on true
             order by o.created_at desc"
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
    let rows: Vec<ListedOrder> = sqlx::query_as(listed!(
        "select *, count(*) over () as total from orders where account_id = $1 order by created_at desc limit $2 offset $3"
    ))
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
    sqlx::query_as(listed!(
        "select *, 0::bigint as total from orders where account_id = $1 order by created_at desc limit 5"
    ))
    .bind(account)
    .fetch_all(conn)
    .await
}
