use super::{Returned, TOPPED_UP, refund_error, tell, tell_of_refund, trail};
use crate::clock::Clock;
use crate::ids::AttemptId;
use crate::jobs::{Claimed, Done, JobError};
use crate::lines::{self, model::Line};
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
/// ends if its customer wanted that or it is over.
pub async fn payment_closed(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let attempt: AttemptId = job.field("attempt_id")?;
    let mut tx = crate::db::begin(pool).await?;
    let order_id = queries::of_attempt(&mut *tx, attempt).await?;
    let order = queries::lock(&mut tx, order_id).await?;
    let now = clock.now();
    queries::note(&mut tx, &order, "payment_closed", json!({ "attempt": attempt }), now).await?;
    if queries::has_event(&mut *tx, order.id, CANCEL_ASKED).await? {
        end(&mut tx, order.id, OrderStatus::Cancelled, "cancelled", now).await?;
    } else if now >= order.expires_at {
        end(&mut tx, order.id, OrderStatus::Expired, "expired", now).await?;
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
    if received.money != received.asked {
        return give_back_mismatch(conn, order, received, now).await;
    }
    if is_called_off(conn, order).await? {
        return end_and_give_back(conn, order, received, "cancelled", now).await;
    }
    let is_wanted = may_be_paid(conn, order).await?;
    if is_wanted && payments::cover(conn, received.attempt, now).await? {
        return accept(conn, order, received, now).await;
    }
    // The balance's part was given free meanwhile and has been spent: without it the rest buys nothing.
    let late = matches!(order.status, OrderStatus::Expired | OrderStatus::Cancelled);
    let reason = if late || is_wanted { RefundReason::Late } else { RefundReason::Surplus };
    give_back(conn, order, received, reason, now).await
}

/// Its customer wished to cancel before this money was known of, and was told that it would go back.
async fn is_called_off(conn: &mut PgConnection, order: &Order) -> sqlx::Result<bool> {
    match order.status {
        OrderStatus::AwaitingPayment => queries::has_event(&mut *conn, order.id, CANCEL_ASKED).await,
        _ => Ok(false),
    }
}

async fn may_be_paid(conn: &mut PgConnection, order: &Order) -> Result<bool, JobError> {
    match order.status {
        OrderStatus::AwaitingPayment => Ok(true),
        OrderStatus::Expired => can_be_honoured(conn, order).await,
        _ => Ok(false),
    }
}

/// The balance has paid for a locked order, all of it. `false`: what was ordered can't be delivered any more.
pub async fn paid_by_balance(
    conn: &mut PgConnection,
    order: &Order,
    attempt: AttemptId,
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    if promise_today(conn, order, now).await?.is_none() {
        return Ok(false);
    }
    let received = payments::received(conn, attempt).await?;
    accept(conn, order, &received, now).await?;
    Ok(true)
}

/// Money that came after the order's time still buys what was promised, if that is still sold, at that price, for that line, and
/// the line's days are those the promise was made on.
async fn can_be_honoured(conn: &mut PgConnection, order: &Order) -> Result<bool, JobError> {
    if order.is_top_up() {
        return Ok(true);
    }
    let Some(line) = of_order(conn, order).await? else { return Ok(false) };
    let plan = plans::by_code(&mut *conn, &order.plan).await.map_err(JobError::retry)?;
    let sold = plan.is_some_and(|plan| plan.fits(&line.carrier, &line.kind) && plan.price == order.amount());
    let held = line.account_id == order.account_id && line.takes_renewals();
    let unmoved = (line.valid_from, line.valid_until) == (order.before_from, order.before_until);
    let alone =
        !queries::has_other_order(conn, order).await? && queries::renewable::in_doubt(conn, line.id).await?.is_none();
    Ok(sold && held && unmoved && alone)
}

async fn accept(
    conn: &mut PgConnection,
    order: &Order,
    received: &Received,
    now: OffsetDateTime,
) -> Result<(), JobError> {
    if order.is_top_up() {
        return credit(conn, order, received, now).await;
    }
    // The promise starts counting when the money is there; a payment after midnight moves it by a day.
    let Some(preview) = promise_today(conn, order, now).await? else {
        // What can't be delivered is not paid for.
        return end_and_give_back(conn, order, received, "undeliverable", now).await;
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
    let line = of_order(conn, order).await?;
    Ok(line.and_then(|line| renew::preview_ordered(&line, order, now)))
}

async fn of_order(conn: &mut PgConnection, order: &Order) -> sqlx::Result<Option<Line>> {
    match order.line_id {
        Some(line) => lines::lock(conn, line).await,
        None => Ok(None),
    }
}

/// Money for the balance is there as soon as it is booked: nobody else has to deliver it.
async fn credit(
    conn: &mut PgConnection,
    order: &Order,
    received: &Received,
    now: OffsetDateTime,
) -> Result<(), JobError> {
    payments::apply(conn, received.attempt, now).await?;
    let detail = json!({ "attempt": received.attempt });
    let paid = Move { to: OrderStatus::Paid, event: "settled", detail, now, order, fulfilled_until: None };
    queries::move_status(conn, paid).await.map_err(JobError::retry)?;
    let order = queries::lock(conn, order.id).await?;
    let (to, detail) = (OrderStatus::Fulfilled, json!({}));
    let done = Move { to, event: "credited", detail, now, order: &order, fulfilled_until: None };
    queries::move_status(conn, done).await.map_err(JobError::retry)?;
    trail(conn, &order, "balance.topped_up", json!({ "amount": received.money.amount() }), now).await?;
    tell(conn, &order, TOPPED_UP, now).await?;
    Ok(())
}

/// The order ends and its money goes back.
async fn end_and_give_back(
    conn: &mut PgConnection,
    order: &Order,
    received: &Received,
    event: &'static str,
    now: OffsetDateTime,
) -> Result<(), JobError> {
    if order.status == OrderStatus::AwaitingPayment {
        let detail = json!({});
        let step = Move { to: OrderStatus::Cancelled, event, detail, now, order, fulfilled_until: None };
        queries::move_status(conn, step).await.map_err(JobError::retry)?;
        provisioning::let_go(conn, order.id, now).await?;
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
    payments::release(conn, received.attempt, now).await?;
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
    payments::release(conn, received.attempt, now).await?;
    let detail = json!({ "expected": received.asked.amount(), "received": received.money.amount(), "currency": received.money.currency.code() });
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
        provisioning::let_go(conn, order.id, now).await?;
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
