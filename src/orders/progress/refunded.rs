use super::{REFUNDED, Returned, tell, tell_of_refund, trail};
use crate::clock::Clock;
use crate::ids::RefundId;
use crate::jobs::{Claimed, Done, JobError};
use crate::orders::model::{Order, OrderStatus};
use crate::orders::queries::{self, Move};
use crate::payments::{self, RefundOutcome, RefundReason, RefundStatus};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

/// Job `refund-finished`: the money is back. What was refunded because it bought nothing ends its order.
pub async fn refund_finished(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let (order, refund) = locked(&mut tx, job).await?;
    let detail = json!({ "refund": refund.number, "amount": refund.amount.amount(), "reason": refund.reason.as_str() });
    // A gateway may take back its word; that the money is owed again is told by `refund-failed`, before or after this.
    let ends = refund.reason == RefundReason::ProvisioningFailed
        && refund.status == RefundStatus::Succeeded
        && matches!(order.status, OrderStatus::Refunding | OrderStatus::NeedsAttention);
    if ends {
        let step = Move {
            to: OrderStatus::Refunded,
            event: "refunded",
            detail: detail.clone(),
            now,
            order: &order,
            fulfilled_until: None,
        };
        queries::move_status(&mut tx, step).await.map_err(JobError::retry)?;
    } else {
        queries::note(&mut tx, &order, "payment_refunded", detail.clone(), now).await?;
    }
    if refund.status == RefundStatus::Succeeded {
        queries::close_cases(&mut tx, order.id, "refund_failed", now).await?;
    }
    trail(&mut tx, &order, "refund.succeeded", detail, now).await?;
    let money = Returned { attempt: refund.attempt, amount: refund.amount, reason: refund.reason };
    tell_of_refund(&mut tx, &order, REFUNDED, money, now).await?;
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// Job `refund-failed`: the money can't go back by itself. It is owed, so a person takes over.
pub async fn refund_failed(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let (order, refund) = locked(&mut tx, job).await?;
    let detail = json!({ "refund": refund.number, "amount": refund.amount.amount(), "reason": refund.reason.as_str() });
    if order.status.may_become(OrderStatus::NeedsAttention) {
        let step = Move {
            to: OrderStatus::NeedsAttention,
            event: "refund_failed",
            detail: detail.clone(),
            now,
            order: &order,
            fulfilled_until: None,
        };
        queries::move_status(&mut tx, step).await.map_err(JobError::retry)?;
    }
    queries::open_case(&mut tx, &order, "refund_failed", detail, now).await?;
    tell(&mut tx, &order, "refund-failed", now).await?;
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

async fn locked(conn: &mut PgConnection, job: &Claimed) -> Result<(Order, RefundOutcome), JobError> {
    let id: RefundId = job.field("refund_id")?;
    let refund = payments::refund_outcome(conn, id).await?;
    let order = queries::of_attempt(&mut *conn, refund.attempt).await?;
    Ok((queries::lock(conn, order).await?, refund))
}
