use crate::sandbox::api::NewPayment;
use crate::sandbox::protocol::Protocol;
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Payment {
    pub id: String,
    pub merchant_ref: String,
    pub protocol: Protocol,
    pub details: Value,
    pub amount_minor: i64,
    pub currency: String,
    pub merchant: String,
    pub order_number: String,
    pub lang: String,
    pub return_url: String,
    pub notify_url: String,
    pub status: String,
    pub outcome: Option<String>,
    pub transaction_id: Option<String>,
    pub received_minor: Option<i64>,
    pub paid_at: Option<OffsetDateTime>,
    pub silent_until: Option<OffsetDateTime>,
    pub expires_at: OffsetDateTime,
}

impl Payment {
    pub fn is_silent(&self, now: OffsetDateTime) -> bool {
        self.silent_until.is_some_and(|until| now < until)
    }

    /// Nothing was chosen yet and there is time.
    pub fn awaits_payer(&self, now: OffsetDateTime) -> bool {
        self.status == "open" && self.outcome.is_none() && now < self.expires_at
    }
}

pub async fn insert(
    conn: &mut PgConnection,
    id: &str,
    new: &NewPayment,
    (protocol, details): (Protocol, Value),
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into sandbox.payments (id, merchant_ref, protocol, details, amount_minor, currency, merchant, order_number,
                                       lang, return_url, notify_url, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (merchant_ref) do nothing",
    )
    .bind(id)
    .bind(&new.merchant_ref)
    .bind(protocol)
    .bind(details)
    .bind(new.amount_minor)
    .bind(&new.currency)
    .bind(&new.merchant)
    .bind(&new.order_number)
    .bind(&new.lang)
    .bind(&new.return_url)
    .bind(&new.notify_url)
    .bind(expires_at)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn by_ref(db: impl PgExecutor<'_>, merchant_ref: &str) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where merchant_ref = $1").bind(merchant_ref).fetch_optional(db).await
}

pub async fn by_id(db: impl PgExecutor<'_>, id: &str) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where id = $1").bind(id).fetch_optional(db).await
}

pub async fn lock_by_id(conn: &mut PgConnection, id: &str) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where id = $1 for update").bind(id).fetch_optional(conn).await
}

pub async fn lock_by_ref(conn: &mut PgConnection, merchant_ref: &str) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where merchant_ref = $1 for update")
        .bind(merchant_ref)
        .fetch_optional(conn)
        .await
}

pub async fn lock_by_transaction(conn: &mut PgConnection, transaction: &str) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where transaction_id = $1 for update")
        .bind(transaction)
        .fetch_optional(conn)
        .await
}

pub async fn set_status(conn: &mut PgConnection, id: &str, status: &str) -> sqlx::Result<()> {
    sqlx::query("update sandbox.payments set status = $2 where id = $1").bind(id).bind(status).execute(conn).await?;
    Ok(())
}

pub async fn note_outcome(conn: &mut PgConnection, id: &str, outcome: &str) -> sqlx::Result<()> {
    sqlx::query("update sandbox.payments set outcome = $2 where id = $1").bind(id).bind(outcome).execute(conn).await?;
    Ok(())
}

pub async fn pay_at(conn: &mut PgConnection, id: &str, at: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update sandbox.payments set pays_at = $2 where id = $1").bind(id).bind(at).execute(conn).await?;
    Ok(())
}

pub async fn be_silent(conn: &mut PgConnection, id: &str, until: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update sandbox.payments set silent_until = $2 where id = $1")
        .bind(id)
        .bind(until)
        .execute(conn)
        .await?;
    Ok(())
}

/// The money is there, whatever the payment was before. Returns the payment as it is now.
pub async fn pay(
    conn: &mut PgConnection,
    id: &str,
    transaction: &str,
    received: i64,
    at: OffsetDateTime,
) -> sqlx::Result<Payment> {
    sqlx::query_as(
        "update sandbox.payments set status = 'paid', transaction_id = $2, received_minor = $3, paid_at = $4, pays_at = null
         where id = $1 returning *",
    )
    .bind(id)
    .bind(transaction)
    .bind(received)
    .bind(at)
    .fetch_one(conn)
    .await
}

/// A payment whose money was on its way and is there by now, locked.
pub async fn next_arrival(conn: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where pays_at <= $1 order by pays_at limit 1 for update skip locked")
        .bind(now)
        .fetch_optional(conn)
        .await
}

pub async fn close_expired(conn: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query(
        "update sandbox.payments set status = 'closed' where status = 'open' and pays_at is null and expires_at <= $1",
    )
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}
