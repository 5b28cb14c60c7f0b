use super::{REFUND_FAILED, REFUNDED, Returned, tell_of_refund, trail};
use crate::clock::Clock;
use crate::ids::RefundId;
use crate::jobs::{Claimed, Done, JobError};
use crate::orders::model::{Order, OrderStatus};
use crate::orders::queries::{self, Move};
use crate::payments::{self, RefundOutcome, RefundStatus};
use crate::provisioning;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// Job `refund-finished`: the money is back. Where all of it is that bought something, and nothing was delivered, the order ends.
pub async fn refund_finished(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let (order, refund) = locked(&mut tx, job).await?;
    // A gateway may take back its word; that the money is owed again is told by `refund-failed`, before or after this.
    if refund.status == RefundStatus::Succeeded {
        if !end_if_all_is_back(&mut tx, &order, detail(&refund), now).await? {
            queries::note(&mut tx, &order, "payment_refunded", detail(&refund), now).await?;
        }
        close_refund_cases(&mut tx, &order, None, now).await?;
        trail(&mut tx, &order, "refund.succeeded", detail(&refund), now).await?;
        tell_of_refund(&mut tx, &order, REFUNDED, returned(&refund), now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// `false`: something was delivered for it, the carrier may still deliver, or some money is still here.
pub(super) async fn end_if_all_is_back(
    conn: &mut PgConnection,
    order: &Order,
    detail: Value,
    now: OffsetDateTime,
) -> Result<bool, JobError> {
    let waits = matches!(order.status, OrderStatus::Refunding | OrderStatus::NeedsAttention);
    let undelivered = order.fulfilled_until.is_none()
        && provisioning::of_order(&mut *conn, order.id).await?.is_none_or(|task| task.state.has_ended());
    if !waits || !undelivered || !payments::is_all_back(conn, order.id).await? {
        return Ok(false);
    }
    let step = Move { to: OrderStatus::Refunded, event: "refunded", detail, now, order, fulfilled_until: None };
    queries::move_status(conn, step).await.map_err(JobError::retry)?;
    Ok(true)
}

/// What a person had to see to has come to an end, unless another refund of the order still waits for them.
pub(in crate::orders) async fn close_refund_cases(
    conn: &mut PgConnection,
    order: &Order,
    note: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    queries::close_cases(conn, order.id, "refund_stuck", note, now).await?;
    match payments::has_failed_refund(conn, order.id).await? {
        true => Ok(()),
        false => queries::close_cases(conn, order.id, "refund_failed", note, now).await,
    }
}

/// Job `refund-failed`: the money can't go back by itself. It is owed, so a person takes over. What was delivered stays delivered.
pub async fn refund_failed(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let (order, refund) = locked(&mut tx, job).await?;
    if matches!(refund.status, RefundStatus::Failed | RefundStatus::Manual) {
        let ends_nothing = order.fulfilled_until.is_some() || order.status == OrderStatus::Paid;
        if order.status.may_become(OrderStatus::NeedsAttention) && !ends_nothing {
            let (to, detail) = (OrderStatus::NeedsAttention, detail(&refund));
            let step = Move { to, event: "refund_failed", detail, now, order: &order, fulfilled_until: None };
            queries::move_status(&mut tx, step).await.map_err(JobError::retry)?;
        } else {
            queries::note(&mut tx, &order, "refund_failed", detail(&refund), now).await?;
        }
        queries::open_case(&mut tx, &order, "refund_failed", detail(&refund), now).await?;
        tell_of_refund(&mut tx, &order, REFUND_FAILED, returned(&refund), now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// Job `refund-stuck`: it neither succeeds nor fails, or its gateway is not set up any more. The asking goes on.
pub async fn refund_stuck(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let (order, refund) = locked(&mut tx, job).await?;
    if refund.status.is_open() {
        queries::open_case(&mut tx, &order, "refund_stuck", detail(&refund), now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// Job `refund-external`: somebody sent money back at the gateway. What was delivered stays; a person says whether it should.
pub async fn refund_external(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let (order, refund) = locked(&mut tx, job).await?;
    queries::note(&mut tx, &order, "refunded_elsewhere", detail(&refund), now).await?;
    queries::open_case(&mut tx, &order, "external_refund", detail(&refund), now).await?;
    trail(&mut tx, &order, "refund.made_elsewhere", detail(&refund), now).await?;
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

fn detail(refund: &RefundOutcome) -> Value {
    json!({ "refund": refund.number, "amount": refund.amount.amount(), "reason": refund.reason.as_str() })
}

fn returned(refund: &RefundOutcome) -> Returned {
    Returned { refund: refund.id, turn: refund.turn, amount: refund.amount, reason: refund.reason }
}

async fn locked(conn: &mut PgConnection, job: &Claimed) -> Result<(Order, RefundOutcome), JobError> {
    let id: RefundId = job.field("refund_id")?;
    // The order first, then what hangs on it.
    let order = queries::of_refund(&mut *conn, id).await?;
    let order = queries::lock(conn, order).await?;
    Ok((order, payments::refund_outcome(conn, id).await?))
}
