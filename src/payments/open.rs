use super::gateway::Payer;
use super::model::{Purpose, new_merchant_ref};
use super::{attempt_job, balance, queries, query};
use crate::ids::{AccountId, AttemptId, OrderId};
use crate::jobs;
use crate::money::Money;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// How long a payment may stay in the making before the poller looks after it.
const GRACE: Duration = Duration::seconds(15);

pub struct OpenPayment {
    pub order: OrderId,
    pub account: AccountId,
    pub order_number: String,
    pub purpose: Purpose,
    /// What the gateway is asked for.
    pub amount: Money,
    /// What the customer's balance pays beside it, in the same currency.
    pub balance: Money,
    /// What the customer chose; its gateway is `gateways.for_method(method)`.
    pub method: String,
    pub gateway: &'static str,
    /// `zh-CN` or `en`.
    pub language: &'static str,
    /// Where the customer comes back to, absolute. It proves nothing.
    pub return_url: String,
    pub payer: Payer,
    pub expires_at: OffsetDateTime,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the customer's balance does not cover its part")]
    NotCovered,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Writes the attempt and holds the balance's part. It must be committed before [`super::start`] asks the gateway, so that
/// no answer finds us without it. A second open attempt for the order breaks the constraint `one_open_attempt`.
pub async fn open(conn: &mut PgConnection, payment: OpenPayment, now: OffsetDateTime) -> Result<AttemptId, OpenError> {
    let id = write(conn, &payment, now).await?;
    jobs::enqueue(conn, attempt_job(query::JOB, id, now + GRACE)).await?;
    Ok(id)
}

pub(super) async fn write(
    conn: &mut PgConnection,
    payment: &OpenPayment,
    now: OffsetDateTime,
) -> Result<AttemptId, OpenError> {
    let id = AttemptId::new();
    queries::insert_attempt(conn, id, &new_merchant_ref(), payment, now).await?;
    let attempt = queries::lock_attempt(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    match balance::cover(conn, &attempt, now).await? {
        true => Ok(id),
        false => Err(OpenError::NotCovered),
    }
}
