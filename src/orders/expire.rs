use super::model::OrderStatus;
use super::queries::{self, Move};
use crate::clock::Clock;
use crate::ids::{AccountId, OrderId};
use crate::jobs::{self, Claimed, Done, JobError, NewJob};
use crate::payments::{self, Gateways};
use crate::provisioning;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

/// The job that ends an order nobody paid: `{order_id}`.
pub const EXPIRE: &str = "expire-order";

/// The job that finds such orders: one row for ever.
pub const FIND_OVERDUE: &str = "find-overdue-orders";

/// How often they are looked for.
const LOOK_EVERY: Duration = Duration::seconds(15);

/// How soon to look again while an attempt is being closed.
const LOOK_AGAIN: Duration = Duration::seconds(30);

/// Job `find-overdue-orders`: each order found ends in a job of its own.
pub async fn find_overdue(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    for order in queries::overdue(&mut tx, now).await? {
        let end = NewJob {
            kind: EXPIRE,
            dedupe_key: order.to_string(),
            payload: json!({ "order_id": order }),
            run_at: now,
            max_attempts: 1000,
        };
        jobs::enqueue(&mut tx, end).await?;
    }
    let done = job.again(&mut tx, now + LOOK_EVERY).await?;
    tx.commit().await?;
    Ok(done)
}

/// Job `expire-order`: first the way to pay is closed, and only then the order; money that slips in between still counts.
pub async fn expire(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let id: OrderId = job.field("order_id")?;
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let ended = end(&mut tx, id, OrderStatus::Expired, "expired", now).await?;
    let done = if ended { job.complete(&mut tx).await? } else { job.again(&mut tx, now + LOOK_AGAIN).await? };
    tx.commit().await?;
    Ok(done)
}

/// Ends an order that waits for money, if no money can come for it any more. `false`: an attempt is still being closed.
pub(super) async fn end(
    conn: &mut PgConnection,
    id: OrderId,
    to: OrderStatus,
    event: &'static str,
    now: OffsetDateTime,
) -> Result<bool, JobError> {
    let order = queries::lock(conn, id).await?;
    if order.status != OrderStatus::AwaitingPayment {
        return Ok(true);
    }
    if payments::close_open_attempt(conn, id, now).await? {
        return Ok(false);
    }
    if payments::has_undecided_money(conn, id).await? {
        return Ok(false);
    }
    let step = Move { to, event, detail: json!({}), now, order: &order, fulfilled_until: None };
    queries::move_status(conn, step).await.map_err(JobError::retry)?;
    provisioning::let_go(conn, id, now).await?;
    Ok(true)
}

/// Ends an order whose time is over now, for a customer who wants another: its payment is closed at the gateway. `false`: that is
/// not certain yet, or its money is here.
pub async fn make_way(pool: &PgPool, clock: &Clock, gateways: &Gateways, id: OrderId) -> anyhow::Result<bool> {
    if let Some(open) = payments::open_attempt(pool, id).await? {
        payments::close::close_now(pool, clock, gateways, open.id).await?;
    }
    let mut tx = crate::db::begin(pool).await?;
    let ended = end(&mut tx, id, OrderStatus::Expired, "expired", clock.now()).await?;
    tx.commit().await?;
    Ok(ended)
}

/// The event that keeps a customer's wish to cancel until the payment on its way is closed. Money that comes after it goes back.
pub(super) const CANCEL_ASKED: &str = "cancel_asked";

/// The customer changed their mind. `false`: a payment is on its way and must be closed first; the order ends with it. Money that
/// is here already still counts.
pub async fn cancel(pool: &PgPool, clock: &Clock, account: AccountId, id: OrderId) -> anyhow::Result<bool> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let order = queries::of_account(&mut *tx, id, account).await?.ok_or(sqlx::Error::RowNotFound)?;
    let ended = end(&mut tx, id, OrderStatus::Cancelled, "cancelled", now).await?;
    if !ended && !payments::has_undecided_money(&mut tx, id).await? {
        queries::note(&mut tx, &order, CANCEL_ASKED, json!({}), now).await?;
    }
    tx.commit().await?;
    Ok(ended)
}
