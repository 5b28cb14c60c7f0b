use crate::ids::{LineId, OrderId};
use crate::lang::Lang;
use crate::orders::model::OrderStatus;
use crate::payments::{RefundReason, RefundStatus};
use sqlx::PgPool;
use time::{Date, OffsetDateTime};

/// Something that moved a line's validity, or the order that is about to.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Entry {
    pub at: OffsetDateTime,
    /// `opening`, `renewal`, `carrier`, or `order` for one that moved nothing.
    pub cause: String,
    pub before_until: Option<Date>,
    pub valid_until: Option<Date>,
    pub order_id: Option<OrderId>,
    pub order_status: Option<OrderStatus>,
    pub refund_status: Option<RefundStatus>,
    pub refund_reason: Option<RefundReason>,
    pub paid_at: Option<OffsetDateTime>,
    pub expires_at: Option<OffsetDateTime>,
    plan_zh: Option<String>,
    plan_en: Option<String>,
}

impl Entry {
    /// What was bought was had and kept.
    pub fn is_fulfilled(&self) -> bool {
        self.order_status.is_none_or(|status| status == OrderStatus::Fulfilled)
    }

    pub fn plan_name(&self, language: Lang) -> Option<&str> {
        if language.is_chinese() { self.plan_zh.as_deref() } else { self.plan_en.as_deref() }
    }
}

/// A line's ledger, the newest first, with the orders that moved nothing: still open, or ended without a renewal.
pub async fn of_line(pool: &PgPool, line: LineId) -> sqlx::Result<Vec<Entry>> {
    sqlx::query_as(
        "select e.*, o.status as order_status, o.paid_at, o.expires_at, rf.status as refund_status, rf.reason as refund_reason, o.plan_zh, o.plan_en from (
           select recorded_at as at, cause, before_until, valid_until, order_id from line_validities where line_id = $1
           union all
           select created_at, 'order', null, null, id from orders placed
           where line_id = $1 and status <> 'fulfilled'
             and not exists (select from line_validities v where v.line_id = $1 and v.order_id = placed.id)) e
         left join orders o on o.id = e.order_id
         left join lateral (select r.status, r.reason from refunds r join payment_attempts ra on ra.id = r.attempt_id
           where ra.order_id = o.id order by r.created_at desc limit 1) rf on true
         order by e.cause = 'opening', e.at desc limit 50",
    )
    .bind(line)
    .fetch_all(pool)
    .await
}
