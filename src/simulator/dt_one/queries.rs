use sqlx::{PgExecutor, PgPool};
use time::OffsetDateTime;

use super::wire;

/// What was created, with what came of it in the books that all protocols share.
#[derive(sqlx::FromRow)]
pub struct Transaction {
    pub id: i64,
    pub carrier: String,
    pub external_id: String,
    pub iccid: String,
    pub product: String,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    cancelled_at: Option<OffsetDateTime>,
    due_at: Option<OffsetDateTime>,
    pub refused: Option<String>,
}

impl Transaction {
    /// Of its status.
    pub fn class(&self, now: OffsetDateTime) -> u8 {
        match self.due_at {
            _ if self.cancelled_at.is_some() => wire::CANCELLED,
            None => wire::CREATED,
            Some(_) if self.refused.is_some() => wire::DECLINED,
            Some(due_at) if now < due_at => wire::SUBMITTED,
            Some(_) => wire::COMPLETED,
        }
    }
}

macro_rules! select {
    ($which:literal) => {
        concat!(
            "select t.id, t.carrier, t.external_id, t.iccid, t.product, t.created_at, t.expires_at, t.cancelled_at,
                    r.due_at, r.refused
             from simulator.dt_one_transactions t left join simulator.renewals r on r.request_id = t.external_id
             where t.carrier = $1 and ",
            $which
        )
    };
}

pub async fn by_id(db: impl PgExecutor<'_>, carrier: &str, id: i64) -> sqlx::Result<Option<Transaction>> {
    sqlx::query_as(select!("t.id = $2")).bind(carrier).bind(id).fetch_optional(db).await
}

pub async fn by_external_id(db: impl PgExecutor<'_>, carrier: &str, id: &str) -> sqlx::Result<Option<Transaction>> {
    sqlx::query_as(select!("t.external_id = $2")).bind(carrier).bind(id).fetch_optional(db).await
}

pub struct Wanted {
    pub carrier: String,
    pub external_id: String,
    pub iccid: String,
    pub product: String,
    pub now: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// `None`: its id was used before.
pub async fn insert(pool: &PgPool, wanted: &Wanted) -> sqlx::Result<Option<Transaction>> {
    let id: Option<i64> = sqlx::query_scalar(
        "insert into simulator.dt_one_transactions (carrier, external_id, iccid, product, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id",
    )
    .bind(&wanted.carrier)
    .bind(&wanted.external_id)
    .bind(&wanted.iccid)
    .bind(&wanted.product)
    .bind(wanted.now)
    .bind(wanted.expires_at)
    .fetch_optional(pool)
    .await?;
    match id {
        Some(id) => by_id(pool, &wanted.carrier, id).await,
        None => Ok(None),
    }
}

pub async fn cancel(db: impl PgExecutor<'_>, carrier: &str, id: i64, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update simulator.dt_one_transactions set cancelled_at = $3 where carrier = $1 and id = $2")
        .bind(carrier)
        .bind(id)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// What is left beside what is held for transactions that are neither done nor cancelled.
pub async fn available(db: impl PgExecutor<'_>, carrier: &str) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "select w.minor - coalesce((
           select sum(p.cost_minor) from simulator.dt_one_transactions t
             join simulator.products p on p.carrier = t.carrier and p.code = t.product
           where t.carrier = w.carrier and t.cancelled_at is null
             and not exists (select from simulator.renewals r where r.request_id = t.external_id)), 0)::bigint
         from simulator.wallets w where w.carrier = $1",
    )
    .bind(carrier)
    .fetch_optional(db)
    .await
}
