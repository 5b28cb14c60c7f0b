//! What gateways have done lately, and how their statements agree with our books.

use crate::money::{Currency, Money};
use crate::payments::reconcile::List;
use sqlx::PgExecutor;
use time::{Date, OffsetDateTime};

/// A gateway as our tables know it, set up or not.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Known {
    pub gateway: String,
    pub open: i64,
    pub last_notice: Option<OffsetDateTime>,
    pub unmatched: i64,
}

pub async fn known(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<Known>> {
    sqlx::query_as(
        "select n.gateway,
                (select count(*) from payment_attempts a where a.gateway = n.gateway and a.status in ('creating','pending','unknown','closing')) as open,
                (select max(received_at) from gateway_events e where e.gateway = n.gateway) as last_notice,
                (select count(*) from gateway_events e where e.gateway = n.gateway and e.processed_at is null) as unmatched
         from (select distinct gateway from payment_attempts union select distinct gateway from gateway_events) n order by 1",
    )
    .fetch_all(executor)
    .await
}

/// Currencies that plans are sold in.
pub async fn currencies_sold(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("select distinct currency from plans where withdrawn_at is null order by 1")
        .fetch_all(executor)
        .await
}

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Run {
    pub id: i64,
    pub gateway: String,
    pub day: Date,
    pub ran_at: OffsetDateTime,
    pub failure: Option<String>,
    pub theirs: i32,
    pub ours: i32,
    pub differ: i64,
    pub repaired: i64,
    pub signed_by: Option<String>,
    pub signed_at: Option<OffsetDateTime>,
    pub note: Option<String>,
}

macro_rules! runs {
    ($rest:literal) => {
        concat!(
            "select r.id, r.gateway, r.day, r.ran_at, r.failure, r.theirs, r.ours, r.signed_at, r.note, p.name as signed_by,
                    (select count(*) from reconciliation_items i where i.run_id = r.id) as differ,
                    (select count(*) from reconciliation_items i where i.run_id = r.id and i.repair is not null) as repaired
             from reconciliation_runs r left join accounts p on p.id = r.signed_by ",
            $rest
        )
    };
}

/// The newest days; what nobody signed comes first.
pub async fn runs(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<Run>> {
    sqlx::query_as(runs!(
        "order by (r.signed_at is null and exists (select from reconciliation_items i where i.run_id = r.id and i.repair is null)) desc,
                  r.day desc, r.gateway limit 60"
    ))
    .fetch_all(executor)
    .await
}

pub async fn run(executor: impl PgExecutor<'_>, id: i64) -> sqlx::Result<Option<Run>> {
    sqlx::query_as(runs!("where r.id = $1")).bind(id).fetch_optional(executor).await
}

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Item {
    pub list: List,
    pub reference: Option<String>,
    pub transaction: Option<String>,
    theirs_minor: Option<i64>,
    theirs_currency: Option<String>,
    ours_minor: Option<i64>,
    ours_currency: Option<String>,
    pub repair: Option<String>,
    pub order_number: Option<String>,
    pub account_id: Option<crate::ids::AccountId>,
}

impl Item {
    pub fn theirs(&self) -> Option<Money> {
        money(self.theirs_minor, self.theirs_currency.as_deref())
    }

    pub fn ours(&self) -> Option<Money> {
        money(self.ours_minor, self.ours_currency.as_deref())
    }
}

fn money(minor: Option<i64>, currency: Option<&str>) -> Option<Money> {
    Some(Money::new(minor?, Currency::parse(currency?).ok()?))
}

pub async fn items(executor: impl PgExecutor<'_>, run: i64) -> sqlx::Result<Vec<Item>> {
    sqlx::query_as(
        "select i.list, i.reference, i.transaction, i.theirs_minor, i.theirs_currency, i.ours_minor, i.ours_currency, i.repair,
                a.order_number, a.account_id
         from reconciliation_items i left join refunds r on r.id = i.refund_id
           left join payment_attempts a on a.id = coalesce(i.attempt_id, r.attempt_id)
         where i.run_id = $1 order by i.id limit 500",
    )
    .bind(run)
    .fetch_all(executor)
    .await
}
