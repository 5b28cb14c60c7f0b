//! Money of an order that goes back, as its customer is told.

use crate::ids::OrderId;
use crate::money::{Currency, Money};
use crate::payments::RefundStatus;
use sqlx::PgExecutor;
use time::OffsetDateTime;

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Return {
    pub number: String,
    pub status: RefundStatus,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    pub method: String,
    pub by_hand: bool,
    pub created_at: OffsetDateTime,
    pub succeeded_at: Option<OffsetDateTime>,
}

impl Return {
    pub fn amount(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }
}

/// Every refund of the order, the oldest first.
pub async fn of_order(executor: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Vec<Return>> {
    sqlx::query_as(
        "select r.merchant_refund_no as number, r.status, r.amount_minor, r.currency, case r.destination when 'balance' then 'balance' else a.method end as method, r.by_hand is not null as by_hand,
                r.created_at, r.succeeded_at
         from refunds r join payment_attempts a on a.id = r.attempt_id where a.order_id = $1 order by r.created_at, r.id",
    )
    .bind(order)
    .fetch_all(executor)
    .await
}
