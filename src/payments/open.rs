use super::gateway::Payer;
use super::model::new_merchant_ref;
use super::{attempt_job, queries, query};
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
    pub amount: Money,
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

/// Writes the attempt. It must be committed before [`super::start`] asks the gateway, so that no answer finds us without it.
/// A second open attempt for the order breaks the constraint `one_open_attempt`.
pub async fn open(conn: &mut PgConnection, payment: OpenPayment, now: OffsetDateTime) -> sqlx::Result<AttemptId> {
    let id = AttemptId::new();
    queries::insert_attempt(conn, id, &new_merchant_ref(), &payment, now).await?;
    jobs::enqueue(conn, attempt_job(query::JOB, id, now + GRACE)).await?;
    Ok(id)
}
