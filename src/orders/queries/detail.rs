//! One order with everything its pages show, in one query.

use super::listing::fact_columns;
use crate::ids::{AccountId, OrderId};
use crate::lang::Lang;
use crate::money::{Currency, Money};
use crate::orders::model::Order;
use crate::orders::standing::Facts;
use crate::payments::AttemptStatus;
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
    pub carrier: String,
    pub method: Option<String>,
    /// What the account's latest renewal was paid by, or was to be.
    pub usual_method: Option<String>,
    pub payment_reference: Option<String>,
    pub carrier_reference: Option<String>,
    pub refusal: Option<String>,
    pub asked_at: Option<OffsetDateTime>,
    balance_minor: Option<i64>,
    /// What went back is on the balance.
    pub refund_to_balance: bool,
    received_minor: Option<i64>,
    received_currency: Option<String>,
    pub received_at: Option<OffsetDateTime>,
    /// Of the payment that is shown, which is the one that settled the order where there is one, else of another one.
    pub refund_number: Option<String>,
    refund_minor: Option<i64>,
    refund_currency: Option<String>,
    pub refunded_at: Option<OffsetDateTime>,
    /// What went back is what the renewal was bought with, not a payment too many.
    pub purchase_refunded: bool,
    /// Until then money may come of a payment that was begun and of which none is known.
    payment_may_come_until: Option<OffsetDateTime>,
    /// Support still looks into the carrier's other date.
    pub deviation_open: bool,
}

impl Detail {
    /// What went back or is going back; the order's amount where nothing is yet.
    pub fn refund_amount(&self) -> Money {
        self.money(self.refund_minor, self.refund_currency.as_deref())
    }

    /// What came, which need not be what was asked for; the order's amount where nothing came yet.
    pub fn received(&self) -> Money {
        self.money(self.received_minor, self.received_currency.as_deref())
    }

    /// A payment that was begun may still bring money, or did and nobody has decided about it.
    pub fn payment_may_come(&self, now: OffsetDateTime) -> bool {
        self.facts.money_undecided || self.payment_may_come_until.is_some_and(|end| now < end)
    }

    fn money(&self, minor: Option<i64>, currency: Option<&str>) -> Money {
        let currency = currency.and_then(|code| Currency::parse(code).ok()).unwrap_or(self.order.currency);
        minor.map_or(self.order.amount(), |minor| Money::new(minor, currency))
    }

    /// What the gateway of the payment that is shown was asked for.
    pub fn asked(&self) -> Money {
        self.split().map_or(self.order.amount(), |(_, of_gateway)| of_gateway)
    }

    /// The balance's part of a payment whose money bought nothing: it was never taken from there.
    pub fn balance_kept(&self) -> Option<Money> {
        let came = self.facts.attempt_status == Some(AttemptStatus::Succeeded) && self.order.paid_at.is_none();
        self.split().filter(|_| came).map(|(of_balance, _)| of_balance)
    }

    /// The parts of a payment that the balance and a gateway made together.
    pub fn split(&self) -> Option<(Money, Money)> {
        let of_balance = self.balance_minor.filter(|minor| (1..self.order.amount_minor).contains(minor))?;
        let currency = self.order.currency;
        Some((Money::new(of_balance, currency), Money::new(self.order.amount_minor - of_balance, currency)))
    }

    pub fn plan_name(&self, language: Lang) -> &str {
        self.order.bought.name(language)
    }
}

macro_rules! detail_query {
    ($filter:literal) => {
        concat!(
            "select ",
            super::order_columns!(),
            ", ",
            fact_columns!(),
            ", ac.name as customer, ac.email as customer_email, ac.language as customer_language, coalesce(l.carrier, '') as carrier,
             a.method, (select method from payment_attempts where account_id = o.account_id and purpose = 'renewal' order by created_at desc limit 1) as usual_method,
             a.merchant_ref as payment_reference, p.request_id as carrier_reference, p.refusal, p.submitted_at as asked_at,
             rf.merchant_refund_no as refund_number, rf.amount_minor as refund_minor, rf.currency as refund_currency, rf.succeeded_at as refunded_at,
             a.received_minor + case when a.applied then a.balance_minor else 0 end as received_minor, a.balance_minor,
             coalesce(rf.destination = 'balance', false) as refund_to_balance, a.received_currency, a.succeeded_at as received_at, coalesce(a.applied and rf.attempt_id = a.id and rf.status = 'succeeded', false) as purchase_refunded,
             (select max(pa.expires_at) from payment_attempts pa where pa.order_id = o.id
               and pa.status in ('creating', 'pending', 'unknown', 'closing', 'abandoned', 'closed')) as payment_may_come_until,
             exists (select from cases c where c.order_id = o.id and c.kind = 'deviation' and c.closed_at is null) as deviation_open
             from orders o join accounts ac on ac.id = o.account_id left join lines l on l.id = o.line_id
             left join provisionings p on p.order_id = o.id
             left join lateral (select * from payment_attempts where order_id = o.id order by applied desc, created_at desc limit 1) a on true
             left join lateral (select r.* from refunds r join payment_attempts ra on ra.id = r.attempt_id where ra.order_id = o.id
               order by r.attempt_id = a.id desc, r.status = 'succeeded', r.destination = 'balance', r.created_at desc limit 1) rf on true
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
