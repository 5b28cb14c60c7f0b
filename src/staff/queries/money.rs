//! The money of one order: what came, what went back, what waits for a person.

use crate::ids::{AccountId, AttemptId, CaseId, RefundId};
use crate::money::{Currency, Money};
use crate::payments::model::Destination;
use crate::payments::{AttemptStatus, RefundReason, RefundStatus};
use serde_json::Value;
use sqlx::PgExecutor;
use time::OffsetDateTime;

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Paid {
    pub id: AttemptId,
    pub account_id: AccountId,
    pub order_number: String,
    pub method: String,
    pub merchant_ref: String,
    pub status: AttemptStatus,
    pub applied: bool,
    pub disputed: bool,
    pub carrier_in_doubt: bool,
    /// What the customer has chosen for refunds, as far as this payment may follow it.
    pub prefers_balance: bool,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    received_minor: Option<i64>,
    received_currency: Option<String>,
    reserved: i64,
    pub created_at: OffsetDateTime,
}

impl Paid {
    /// What was asked for.
    pub fn amount(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }

    pub fn received(&self) -> Option<Money> {
        let currency = Currency::parse(self.received_currency.as_deref()?).ok()?;
        Some(Money::new(self.received_minor?, currency))
    }

    /// What has neither gone back nor is promised to.
    pub fn left(&self) -> Option<Money> {
        self.received().map(|received| Money::new(received.minor - self.reserved, received.currency))
    }
}

macro_rules! paid {
    ($filter:literal) => {
        concat!(
            "select a.id, a.account_id, a.order_number, a.method, a.merchant_ref, a.status, a.applied,
               a.disputed_at is not null as disputed, a.total_minor as amount_minor, a.currency,
               a.received_minor + case a.balance_state when 'captured' then a.balance_minor else 0 end as received_minor, a.received_currency,
               a.refund_reserved_minor + a.balance_returned_minor as reserved, a.created_at,
               exists (select from provisionings p where p.order_id = a.order_id and p.status in ('queued', 'submitted', 'unknown')) as carrier_in_doubt,
               not (a.applied and a.purpose = 'top_up') and exists (select from accounts p where p.id = a.account_id and p.refunds_to = 'balance') as prefers_balance
             from payment_attempts a ",
            $filter
        )
    };
}

pub async fn payment(executor: impl PgExecutor<'_>, attempt: AttemptId) -> sqlx::Result<Option<Paid>> {
    sqlx::query_as(paid!("where a.id = $1")).bind(attempt).fetch_optional(executor).await
}

pub async fn payments(executor: impl PgExecutor<'_>, account: AccountId, number: &str) -> sqlx::Result<Vec<Paid>> {
    sqlx::query_as(paid!(
        "join orders o on o.id = a.order_id where a.account_id = $1 and o.number = $2 order by a.created_at"
    ))
    .bind(account)
    .bind(number)
    .fetch_all(executor)
    .await
}

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Back {
    pub id: RefundId,
    pub number: String,
    pub reason: RefundReason,
    pub status: RefundStatus,
    pub failure: Option<String>,
    pub by_hand: Option<String>,
    pub customer_note: Option<String>,
    pub why: Option<String>,
    pub destination: Destination,
    pub method: String,
    pub account_id: AccountId,
    pub order_number: String,
    /// What it was for is the balance itself.
    pub of_top_up: bool,
    /// It has been on its way for longer than a day.
    pub stuck: bool,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    pub created_at: OffsetDateTime,
}

impl Back {
    pub fn amount(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }
}

macro_rules! back {
    ($filter:literal) => {
        concat!(
            "select r.id, r.merchant_refund_no as number, r.reason, r.status, r.failure, r.by_hand, r.customer_note, r.why, r.destination,
               r.amount_minor, r.currency, r.created_at, a.method, a.account_id, a.order_number,
               a.applied and a.purpose = 'top_up' as of_top_up,
               r.status in ('requested', 'submitted', 'unknown') and exists (
                 select from cases c where c.order_id = o.id and c.kind = 'refund_stuck' and c.closed_at is null) as stuck
             from refunds r join payment_attempts a on a.id = r.attempt_id join orders o on o.id = a.order_id ",
            $filter
        )
    };
}

pub async fn refunds(executor: impl PgExecutor<'_>, account: AccountId, number: &str) -> sqlx::Result<Vec<Back>> {
    sqlx::query_as(back!("where a.account_id = $1 and o.number = $2 order by r.created_at, r.id"))
        .bind(account)
        .bind(number)
        .fetch_all(executor)
        .await
}

pub async fn refund(executor: impl PgExecutor<'_>, id: RefundId) -> sqlx::Result<Option<Back>> {
    sqlx::query_as(back!("where r.id = $1")).bind(id).fetch_optional(executor).await
}

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct OpenCase {
    pub id: CaseId,
    pub kind: String,
    pub detail: Value,
    pub opened_at: OffsetDateTime,
}

pub async fn cases(executor: impl PgExecutor<'_>, account: AccountId, number: &str) -> sqlx::Result<Vec<OpenCase>> {
    sqlx::query_as(
        "select c.id, c.kind, c.detail, c.opened_at from cases c join orders o on o.id = c.order_id
         where o.account_id = $1 and o.number = $2 and c.closed_at is null order by c.opened_at",
    )
    .bind(account)
    .bind(number)
    .fetch_all(executor)
    .await
}

/// Where to go back to after something was done about a refund or a case.
pub async fn place_of_refund(
    executor: impl PgExecutor<'_>,
    refund: RefundId,
) -> sqlx::Result<Option<(AccountId, String)>> {
    sqlx::query_as(
        "select a.account_id, a.order_number from refunds r join payment_attempts a on a.id = r.attempt_id where r.id = $1",
    )
    .bind(refund)
    .fetch_optional(executor)
    .await
}

pub async fn place_of_case(executor: impl PgExecutor<'_>, case: CaseId) -> sqlx::Result<Option<(AccountId, String)>> {
    sqlx::query_as("select o.account_id, o.number from cases c join orders o on o.id = c.order_id where c.id = $1")
        .bind(case)
        .fetch_optional(executor)
        .await
}
