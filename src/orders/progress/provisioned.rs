use super::refunded::end_if_all_is_back;
use super::start_term::schedule;
use super::{Returned, refund_error, tell, tell_of_refund, trail};
use crate::calendar;
use crate::clock::Clock;
use crate::ids::{AttemptId, ProvisioningId};
use crate::jobs::{Claimed, Done, JobError};
use crate::lines::{self, Extension, model::Line};
use crate::orders::model::{Order, OrderStatus};
use crate::orders::queries::{self, Move};
use crate::orders::renew;
use crate::payments::{self, RefundReason, refund};
use crate::provisioning::{self, Provisioning};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::{Date, OffsetDateTime};

/// Job `provisioned`: the carrier has done it. The line moves to what the carrier says, and that is held against the promise.
pub async fn provisioned(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let (order, task) = locked(&mut tx, job).await?;
    if matches!(order.status, OrderStatus::Paid | OrderStatus::NeedsAttention) && order.fulfilled_until.is_none() {
        let until = task.carrier_until.unwrap_or(order.promised_until);
        fulfil(&mut tx, &order, until, now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

async fn locked(conn: &mut PgConnection, job: &Claimed) -> Result<(Order, Provisioning), JobError> {
    let id: ProvisioningId = job.field("provisioning_id")?;
    let task = provisioning::by_id(&mut *conn, id)
        .await?
        .ok_or_else(|| JobError::fail(anyhow::anyhow!("no provisioning {id}")))?;
    Ok((queries::lock(conn, task.order_id).await?, task))
}

async fn fulfil(conn: &mut PgConnection, order: &Order, until: Date, now: OffsetDateTime) -> Result<(), JobError> {
    let line = match order.line_id {
        Some(line) => lines::lock(conn, line).await?,
        None => None,
    };
    let Some(line) = line else { return hand_over(conn, order, until, now).await };
    let Ok(extension) = extension(order, &line, until, now) else {
        return hand_over(conn, order, until, now).await;
    };
    lines::extend(conn, &line, extension, now).await?;
    let detail = json!({ "until": until.to_string() });
    let step =
        Move { to: OrderStatus::Fulfilled, event: "provisioned", detail, now, order, fulfilled_until: Some(until) };
    queries::move_status(conn, step).await.map_err(JobError::retry)?;
    queries::close_cases(conn, order.id, "provisioning_unknown", None, now).await?;
    schedule(conn, order, &line, now).await?;
    if until != order.promised_until {
        let detail = json!({ "promised": order.promised_until.to_string(), "answered": until.to_string() });
        queries::open_case(conn, order, "deviation", detail, now).await?;
        tell(conn, order, "deviation", now).await?;
    }
    trail(conn, order, "order.fulfilled", json!({ "until": until.to_string() }), now).await?;
    tell(conn, order, "active", now).await?;
    Ok(())
}

/// The carrier renewed what can't be written down here: the line has ended, or its dates don't add up. A person decides.
async fn hand_over(conn: &mut PgConnection, order: &Order, until: Date, now: OffsetDateTime) -> Result<(), JobError> {
    let detail = json!({ "answered": until.to_string(), "line": "gone" });
    if order.status == OrderStatus::Paid {
        let step = Move {
            to: OrderStatus::NeedsAttention,
            event: "provisioned_elsewhere",
            detail: detail.clone(),
            now,
            order,
            fulfilled_until: None,
        };
        queries::move_status(conn, step).await.map_err(JobError::retry)?;
    }
    queries::open_case(conn, order, "deviation", detail, now).await?;
    tell(conn, order, "attention", now).await?;
    Ok(())
}

/// What the line is afterwards: the carrier's last day, and the allowances the effect leaves.
fn extension(order: &Order, line: &Line, until: Date, now: OffsetDateTime) -> Result<Extension, JobError> {
    let preview =
        renew::preview_ordered(line, order, now).ok_or_else(|| JobError::fail(anyhow::anyhow!("no such term")))?;
    let kept = until == order.promised_until;
    let boundary = calendar::add_days(until, 1).map_err(JobError::fail)?;
    let allowance = preview.allowance_after;
    let waits = preview.allowance_queued.is_some();
    let total = if waits { line.data_total_bytes } else { allowance.data.bytes() };
    Ok(Extension {
        order: order.id,
        plan: if waits { line.plan.clone() } else { order.plan.clone() },
        valid_from: preview.from.min(until),
        valid_until: until,
        anchor_day: if kept { order.promised_anchor_day } else { i16::from(boundary.day()) },
        data_unlimited: allowance.data.is_unlimited(),
        data_total_bytes: total,
        data_left_bytes: allowance.data.bytes(),
        minutes_left: allowance.minutes.and_then(|minutes| i32::try_from(minutes).ok()),
        sms_left: allowance.sms.and_then(|sms| i32::try_from(sms).ok()),
    })
}

/// Job `provisioning-refused`: the carrier will surely not do it, so the money goes back by itself.
pub async fn provisioning_refused(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let (order, task) = locked(&mut tx, job).await?;
    if matches!(order.status, OrderStatus::Paid | OrderStatus::NeedsAttention) && order.fulfilled_until.is_none() {
        let reason = json!({ "reason": task.refusal });
        let step = Move {
            to: OrderStatus::Refunding,
            event: "provisioning_refused",
            detail: reason.clone(),
            now,
            order: &order,
            fulfilled_until: None,
        };
        queries::move_status(&mut tx, step).await.map_err(JobError::retry)?;
        let attempt = queries::applied_attempt(&mut *tx, order.id)
            .await?
            .ok_or_else(|| JobError::fail(anyhow::anyhow!("{} was never paid", order.number)))?;
        give_back_the_rest(&mut tx, &order, attempt, reason, now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// Staff may have sent a part back before, or all of it.
async fn give_back_the_rest(
    conn: &mut PgConnection,
    order: &Order,
    attempt: AttemptId,
    why: serde_json::Value,
    now: OffsetDateTime,
) -> Result<(), JobError> {
    let amount = payments::left(conn, attempt).await?.unwrap_or(order.amount());
    if amount.is_zero() {
        let order = queries::lock(conn, order.id).await?;
        end_if_all_is_back(conn, &order, why, now).await?;
        return Ok(());
    }
    let reason = RefundReason::ProvisioningFailed;
    let refund = refund::request(conn, attempt, amount, reason, now).await.map_err(refund_error)?;
    trail(conn, order, "refund.requested", why, now).await?;
    tell_of_refund(conn, order, "refunding", Returned { refund, turn: 0, amount, reason }, now).await?;
    Ok(())
}

/// Job `provisioning-stuck`: nobody knows for too long. A person looks; no refund, since the line may have been renewed.
pub async fn provisioning_stuck(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let (order, _) = locked(&mut tx, job).await?;
    if order.status == OrderStatus::Paid {
        let step = Move {
            to: OrderStatus::NeedsAttention,
            event: "provisioning_stuck",
            detail: json!({}),
            now,
            order: &order,
            fulfilled_until: None,
        };
        queries::move_status(&mut tx, step).await.map_err(JobError::retry)?;
        queries::open_case(&mut tx, &order, "provisioning_unknown", json!({}), now).await?;
        tell(&mut tx, &order, "attention", now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}
