use super::{Returned, refund_error, tell_of_refund, trail};
use crate::clock::Clock;
use crate::ids::AttemptId;
use crate::jobs::{Claimed, Done, JobError};
use crate::lines;
use crate::orders::expire::{CANCEL_ASKED, end};
use crate::orders::model::{Order, OrderStatus};
use crate::orders::queries::{self, Move};
use crate::orders::renew;
use crate::payments::{self, Received, RefundReason, refund};
use crate::plans;
use crate::plans::effect::Preview;
use crate::provisioning;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// Job `payment-settled`: money came for an attempt. It settles the order, or goes back.
pub async fn payment_settled(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let attempt: AttemptId = job.field("attempt_id")?;
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let order_id = queries::of_attempt(&mut *tx, attempt).await?;
    let order = queries::lock(&mut tx, order_id).await?;
    let received = payments::received(&mut tx, attempt).await.map_err(JobError::retry)?;
    if !received.decided {
        decide(&mut tx, &order, &received, now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// Job `payment-closed`: this way to pay has ended without money. The order waits for another until its window closes, or
/// ends if its customer wanted that.
pub async fn payment_closed(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let attempt: AttemptId = job.field("attempt_id")?;
    let mut tx = crate::db::begin(pool).await?;
    let order_id = queries::of_attempt(&mut *tx, attempt).await?;
    let order = queries::lock(&mut tx, order_id).await?;
    let now = clock.now();
    queries::note(&mut tx, &order, "payment_closed", json!({ "attempt": attempt }), now).await?;
    if queries::has_event(&mut *tx, order.id, CANCEL_ASKED).await? {
        end(&mut tx, order.id, OrderStatus::Cancelled, "cancelled", now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

async fn decide(
    conn: &mut PgConnection,
    order: &Order,
    received: &Received,
    now: OffsetDateTime,
) -> Result<(), JobError> {
    if received.money != order.amount() {
        return give_back_mismatch(conn, order, received, now).await;
    }
    let late = matches!(order.status, OrderStatus::Expired | OrderStatus::Cancelled);
    match order.status {
        OrderStatus::AwaitingPayment => accept(conn, order, received, now).await,
        _ if late && can_be_honoured(conn, order).await? => accept(conn, order, received, now).await,
        _ if late => give_back(conn, order, received, RefundReason::Late, now).await,
        _ => give_back(conn, order, received, RefundReason::Surplus, now).await,
    }
}

/// Money that came after the order ended still buys what was promised, if that is still sold, at that price, for that line.
async fn can_be_honoured(conn: &mut PgConnection, order: &Order) -> Result<bool, JobError> {
    let Some(line) = lines::lock(conn, order.line_id).await? else { return Ok(false) };
    let plan = plans::by_code(&mut *conn, &order.plan).await.map_err(JobError::retry)?;
    let sold = plan.is_some_and(|plan| plan.fits(&line.carrier, &line.kind) && plan.price == order.amount());
    let held = line.account_id == order.account_id && line.status == "active";
    let alone =
        !queries::has_other_order(conn, order).await? && queries::renewable::in_doubt(conn, line.id).await?.is_none();
    Ok(sold && held && alone)
}

async fn accept(
    conn: &mut PgConnection,
    order: &Order,
    received: &Received,
    now: OffsetDateTime,
) -> Result<(), JobError> {
    // The promise starts counting when the money is there; a payment after midnight moves it by a day.
    let Some(preview) = promise_today(conn, order, now).await? else {
        return give_back_undeliverable(conn, order, received, now).await;
    };
    payments::apply(conn, received.attempt, now).await?;
    queries::renew_promise(conn, order.id, &preview).await?;
    let step = Move {
        to: OrderStatus::Paid,
        event: "settled",
        detail: json!({ "attempt": received.attempt }),
        now,
        order,
        fulfilled_until: None,
    };
    queries::move_status(conn, step).await.map_err(JobError::retry)?;
    let place =
        provisioning::Place { order_id: order.id, attempt_id: received.attempt, account_id: order.account_id, now };
    provisioning::place(conn, place).await?;
    trail(conn, order, "payment.settled", json!({ "amount": received.money.amount() }), now).await?;
    Ok(())
}

/// `None`: the line has ended meanwhile, or the plan can't be counted on it any more.
async fn promise_today(
    conn: &mut PgConnection,
    order: &Order,
    now: OffsetDateTime,
) -> Result<Option<Preview>, JobError> {
    let line = lines::lock(conn, order.line_id).await?;
    Ok(line.and_then(|line| renew::preview_ordered(&line, order, now)))
}

/// What can't be delivered is not paid for: the order ends and its money goes back.
async fn give_back_undeliverable(
    conn: &mut PgConnection,
    order: &Order,
    received: &Received,
    now: OffsetDateTime,
) -> Result<(), JobError> {
    if order.status == OrderStatus::AwaitingPayment {
        let detail = json!({});
        let step =
            Move { to: OrderStatus::Cancelled, event: "undeliverable", detail, now, order, fulfilled_until: None };
        queries::move_status(conn, step).await.map_err(JobError::retry)?;
    }
    let ended = queries::lock(conn, order.id).await?;
    give_back(conn, &ended, received, RefundReason::Late, now).await
}

async fn give_back(
    conn: &mut PgConnection,
    order: &Order,
    received: &Received,
    reason: RefundReason,
    now: OffsetDateTime,
) -> Result<(), JobError> {
    let refund = refund::request(conn, received.attempt, received.money, reason, now).await.map_err(refund_error)?;
    queries::note(conn, order, "payment_returned", json!({ "reason": reason.as_str() }), now).await?;
    trail(
        conn,
        order,
        "refund.requested",
        json!({ "amount": received.money.amount(), "reason": reason.as_str() }),
        now,
    )
    .await?;
    let about = if reason == RefundReason::Late { "late" } else { "surplus" };
    let money = Returned { refund, turn: 0, amount: received.money, reason };
    tell_of_refund(conn, order, about, money, now).await?;
    Ok(())
}

/// Another amount or currency than asked for buys nothing: it goes back, and a person looks at why.
async fn give_back_mismatch(
    conn: &mut PgConnection,
    order: &Order,
    received: &Received,
    now: OffsetDateTime,
) -> Result<(), JobError> {
    let detail = json!({ "expected": order.amount().amount(), "received": received.money.amount(), "currency": received.money.currency.code() });
    let refund = match received.money.is_zero() {
        true => None,
        false => Some(
            refund::request(conn, received.attempt, received.money, RefundReason::AmountMismatch, now)
                .await
                .map_err(refund_error)?,
        ),
    };
    if order.status == OrderStatus::AwaitingPayment {
        let step = Move {
            to: OrderStatus::NeedsAttention,
            event: "amount_mismatch",
            detail: detail.clone(),
            now,
            order,
            fulfilled_until: None,
        };
        queries::move_status(conn, step).await.map_err(JobError::retry)?;
    }
    queries::open_case(conn, order, "amount_mismatch", detail.clone(), now).await?;
    trail(conn, order, "refund.requested", detail, now).await?;
    let bought_nothing =
        matches!(order.status, OrderStatus::AwaitingPayment | OrderStatus::Expired | OrderStatus::Cancelled);
    let about = if bought_nothing { "wrong-amount" } else { "surplus" };
    if let Some(refund) = refund {
        let money = Returned { refund, turn: 0, amount: received.money, reason: RefundReason::AmountMismatch };
        tell_of_refund(conn, order, about, money, now).await?;
    }
    Ok(())
}
