//! One order with everything its pages show, in one query.

use super::listing::fact_columns;
use crate::ids::{AccountId, OrderId};
use crate::money::Money;
use crate::orders::model::Order;
use crate::orders::standing::Facts;
use sqlx::PgExecutor;
use time::OffsetDateTime;

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Detail {
    #[sqlx(flatten)]
    pub order: Order,
    #[sqlx(flatten)]
    pub facts: Facts,
    pub customer: String,
    pub customer_email: String,
    pub customer_language: String,
    pub plan_zh: String,
    pub plan_en: String,
    pub carrier: String,
    pub msisdn: Option<String>,
    pub iccid: String,
    pub method: Option<String>,
    pub payment_reference: Option<String>,
    pub carrier_reference: Option<String>,
    pub refusal: Option<String>,
    pub asked_at: Option<OffsetDateTime>,
    /// Of the payment that is shown, which is the one that settled the order where there is one.
    pub refund_number: Option<String>,
    refund_minor: Option<i64>,
    pub refunded_at: Option<OffsetDateTime>,
}

impl Detail {
    /// What went back or is going back; the order's amount where nothing is yet.
    pub fn refund_amount(&self) -> Money {
        self.refund_minor.map_or(self.order.amount(), |minor| Money::new(minor, self.order.currency))
    }
}

macro_rules! detail_query {
    ($filter:literal) => {
        concat!(
            "select ",
            super::order_columns!(),
            ", ",
            fact_columns!(),
            ", ac.name as customer, ac.email as customer_email, ac.language as customer_language, pl.name_zh as plan_zh, pl.name_en as plan_en, l.carrier, l.msisdn, l.iccid,
             a.method, a.merchant_ref as payment_reference, p.request_id as carrier_reference, p.refusal, p.submitted_at as asked_at,
             rf.merchant_refund_no as refund_number, rf.amount_minor as refund_minor, rf.succeeded_at as refunded_at
             from orders o join accounts ac on ac.id = o.account_id join lines l on l.id = o.line_id join plans pl on pl.code = o.plan
             left join provisionings p on p.order_id = o.id
             left join lateral (select * from payment_attempts where order_id = o.id order by applied desc, created_at desc limit 1) a on true
             left join lateral (select r.* from refunds r where r.attempt_id = a.id order by r.created_at desc limit 1) rf on true
             where o.id = $1",
            $filter
        )
    };
}

/// The order if it is this account's.
pub async fn of_account(
    executor: impl PgExecutor<'_>,
    order: OrderId,
    account: AccountId,
) -> sqlx::Result<Option<Detail>> {
    sqlx::query_as(detail_query!(" and o.account_id = $2")).bind(order).bind(account).fetch_optional(executor).await
}

pub async fn by_id(executor: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Option<Detail>> {
    sqlx::query_as(detail_query!("")).bind(order).fetch_optional(executor).await
}
