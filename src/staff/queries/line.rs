//! A line as staff see it: with whose it is, when its carrier was asked, and what the carrier told.

use crate::ids::{AccountId, LineId};
use crate::lines::model::Line;
use sqlx::PgPool;
use time::OffsetDateTime;

#[derive(sqlx::FromRow, Debug)]
pub struct Kept {
    #[sqlx(flatten)]
    pub line: Line,
    pub customer: String,
    pub holder: AccountId,
    pub carrier_zh: String,
    pub carrier_en: String,
    pub plan_zh: String,
    pub plan_en: String,
    pub next_sync_at: OffsetDateTime,
    pub synced_at: Option<OffsetDateTime>,
    pub sync_failures: i32,
}

#[derive(sqlx::FromRow, Debug)]
pub struct Told {
    pub received_at: OffsetDateTime,
    pub kind: String,
    pub word: Option<String>,
}

#[derive(sqlx::FromRow, Debug)]
pub struct Changed {
    pub requested_at: OffsetDateTime,
    pub change: String,
    pub status: String,
    pub actor: Option<String>,
    pub reason: Option<String>,
    pub refusal: Option<String>,
}

pub async fn line(pool: &PgPool, line: LineId) -> sqlx::Result<Option<Kept>> {
    sqlx::query_as(
        "select l.*, a.name as customer, l.account_id as holder, c.name_zh as carrier_zh, c.name_en as carrier_en,
                p.name_zh as plan_zh, p.name_en as plan_en
         from lines l join accounts a on a.id = l.account_id join carriers c on c.code = l.carrier
           join plans p on p.code = l.plan
         where l.id = $1 and l.ended_at is null",
    )
    .bind(line)
    .fetch_optional(pool)
    .await
}

#[derive(sqlx::FromRow, Debug)]
pub struct Placed {
    pub number: String,
    pub status: String,
    pub created_at: OffsetDateTime,
    pub plan_zh: String,
    pub plan_en: String,
}

/// What its holder of today has ordered for it, the newest first.
pub async fn orders(pool: &PgPool, line: LineId) -> sqlx::Result<Vec<Placed>> {
    sqlx::query_as(
        "select o.number, o.status, o.created_at, o.plan_zh, o.plan_en from orders o join lines l on l.id = o.line_id
         where l.id = $1 and o.account_id = l.account_id order by o.created_at desc limit 10",
    )
    .bind(line)
    .fetch_all(pool)
    .await
}

pub async fn told(pool: &PgPool, line: LineId) -> sqlx::Result<Vec<Told>> {
    sqlx::query_as(
        "select received_at, kind, word from carrier_events where line_id = $1 order by received_at desc limit 10",
    )
    .bind(line)
    .fetch_all(pool)
    .await
}

pub async fn changed(pool: &PgPool, line: LineId) -> sqlx::Result<Vec<Changed>> {
    sqlx::query_as(
        "select c.requested_at, c.change, c.status, a.name as actor, c.reason, c.refusal
         from line_changes c left join accounts a on a.id = c.actor_id
         where c.line_id = $1 order by c.requested_at desc limit 10",
    )
    .bind(line)
    .fetch_all(pool)
    .await
}
