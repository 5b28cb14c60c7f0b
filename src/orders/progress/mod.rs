//! What events from money and carrier mean for an order. Each handler locks the order first, moves it, saves what follows
//! and completes its job, all in one transaction; an event that comes twice finds nothing left to do.

mod deviates;
mod disputed;
mod provisioned;
mod refunded;
mod settled;
mod start_term;

pub use deviates::deviates;
pub use disputed::disputed;
pub use provisioned::{provisioned, provisioning_refused, provisioning_stuck};
pub(super) use refunded::close_refund_cases;
pub use refunded::{refund_external, refund_failed, refund_finished, refund_stuck};
pub use settled::{paid_by_balance, payment_closed, payment_settled};
pub use start_term::{START_TERM, start_term};

use super::model::Order;
use crate::audit::{self, Act, Actor};
use crate::ids::RefundId;
use crate::jobs::{self, JobError, NewJob};
use crate::money::Money;
use crate::payments::RefundReason;
use serde_json::{Value, json};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// The job that writes to the customer about an order: `{order_id, about}`, with `amount` where money goes back.
pub const WRITE_TO_CUSTOMER: &str = "order-mail";

/// A refund is often done within seconds; then the customer is told once, that it is done.
const REFUND_TOLD_AFTER: Duration = Duration::seconds(15);

/// Has the customer told `about` this order, once: `active`, [`TOPPED_UP`], `deviation` or `attention`.
async fn tell(conn: &mut PgConnection, order: &Order, about: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    let job = NewJob {
        kind: WRITE_TO_CUSTOMER,
        dedupe_key: format!("{}:{about}", order.id),
        payload: json!({ "order_id": order.id, "about": about }),
        run_at: now,
        max_attempts: 10,
    };
    jobs::enqueue(conn, job).await
}

/// The news that money has come onto the balance.
pub const TOPPED_UP: &str = "topped-up";
/// The news that money is back; all else about a refund is news that it has begun.
pub const REFUNDED: &str = "refunded";
/// The news that money can't go back by itself.
pub const REFUND_FAILED: &str = "refund-failed";

/// Money on its way back: how much, which need not be the order's amount, and why.
pub(super) struct Returned {
    pub refund: RefundId,
    /// Which of the refund's ends is told.
    pub turn: i32,
    pub amount: Money,
    pub reason: RefundReason,
}

/// Has the customer told of money going back, once for each of a refund's ends.
pub(super) async fn tell_of_refund(
    conn: &mut PgConnection,
    order: &Order,
    about: &str,
    money: Returned,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let Returned { refund, turn, amount, reason } = money;
    let wait = if [REFUNDED, REFUND_FAILED].contains(&about) { Duration::ZERO } else { REFUND_TOLD_AFTER };
    let job = NewJob {
        kind: WRITE_TO_CUSTOMER,
        dedupe_key: format!("{refund}:{turn}:{about}"),
        payload: json!({ "order_id": order.id, "about": about, "amount": amount.to_string(),
            "refund_id": refund, "reason": reason.as_str() }),
        run_at: now + wait,
        max_attempts: 10,
    };
    jobs::enqueue(conn, job).await
}

async fn trail(
    conn: &mut PgConnection,
    order: &Order,
    action: &'static str,
    detail: Value,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    trail_of(conn, Actor::SYSTEM, order, action, detail, now).await
}

pub(super) async fn trail_of(
    conn: &mut PgConnection,
    actor: Actor<'_>,
    order: &Order,
    action: &'static str,
    detail: Value,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let subject = Some(("order", order.number.clone()));
    audit::record(conn, Act { at: now, actor, action, account: Some(order.account_id), subject, detail }).await
}

/// A refund that can't be asked for: what is missing is our own row, so trying again is all there is.
fn refund_error(error: crate::payments::refund::RefundError) -> JobError {
    JobError::retry(error)
}
