//! Notifications of gateways, as they were verified and stored.

use crate::ids::AccountId;
use serde_json::Value;
use sqlx::PgExecutor;
use time::OffsetDateTime;

pub const PAGE: i64 = 50;

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Listed {
    pub id: i64,
    pub gateway: String,
    pub event_key: String,
    pub merchant_ref: Option<String>,
    pub refund: Option<String>,
    pub outcome: Option<String>,
    pub processed: bool,
    pub received_at: OffsetDateTime,
    pub account_id: Option<AccountId>,
    pub order_number: Option<String>,
}

pub struct Wanted<'a> {
    pub gateway: Option<&'a str>,
    pub outcome: Option<&'a str>,
    pub reference: Option<&'a str>,
    pub page: i64,
}

/// The newest first, and one more row if there is another page. A reference is ours or the gateway's, or the event's own.
pub async fn list(executor: impl PgExecutor<'_>, wanted: &Wanted<'_>) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as(
        "select g.id, g.gateway, g.event_key, g.merchant_ref, g.outcome, g.processed_at is not null as processed, g.received_at,
                coalesce(g.notice #>> '{news,refund,merchant_refund_no}', g.notice #>> '{news,refund_elsewhere,provider_refund_id}') as refund,
                a.account_id, a.order_number
         from gateway_events g left join payment_attempts a on a.gateway = g.gateway and a.merchant_ref = g.merchant_ref
         where ($1::text is null or g.gateway = $1) and ($2::text is null or g.outcome = $2)
           and ($3::text is null or g.merchant_ref = $3 or g.event_key = $3
                or g.notice #>> '{news,refund,merchant_refund_no}' = $3 or g.notice #>> '{news,refund_elsewhere,provider_refund_id}' = $3
                or g.merchant_ref = any(select merchant_ref from payment_attempts where order_number = $3 or provider_txn_id = $3))
         order by g.id desc limit $4 offset $5",
    )
    .bind(wanted.gateway)
    .bind(wanted.outcome)
    .bind(wanted.reference)
    .bind(PAGE + 1)
    .bind((wanted.page - 1) * PAGE)
    .fetch_all(executor)
    .await
}

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct One {
    #[sqlx(flatten)]
    pub listed: Listed,
    pub notice: Value,
    pub size: i32,
}

pub async fn one(executor: impl PgExecutor<'_>, id: i64) -> sqlx::Result<Option<One>> {
    sqlx::query_as(
        "select g.id, g.gateway, g.event_key, g.merchant_ref, g.outcome, g.processed_at is not null as processed, g.received_at,
                coalesce(g.notice #>> '{news,refund,merchant_refund_no}', g.notice #>> '{news,refund_elsewhere,provider_refund_id}') as refund,
                a.account_id, a.order_number, g.notice, octet_length(g.body) as size
         from gateway_events g left join payment_attempts a on a.gateway = g.gateway and a.merchant_ref = g.merchant_ref
         where g.id = $1",
    )
    .bind(id)
    .fetch_optional(executor)
    .await
}

pub async fn body(executor: impl PgExecutor<'_>, id: i64) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar("select body from gateway_events where id = $1").bind(id).fetch_optional(executor).await
}
