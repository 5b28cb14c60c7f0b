//! Money from outside: one attempt is one try to collect an order's amount through one gateway.
//! Owns `payment_attempts`, `refunds` and `gateway_events`; what they say of money stands in the ledger too (`books`). A notification, the return page, the poller and a
//! reconciliation all end in [`settle::settle`], which records that money came; what that means for the order
//! is decided above, by whoever handles `payment-settled`. No transaction is open while a gateway is asked.

pub mod alipay;
pub mod balance;
pub mod books;
pub mod check;
pub mod close;
mod decide;
mod dispute;
pub mod gateway;
pub mod model;
pub mod open;
#[cfg(test)]
mod properties;
pub mod queries;
pub mod query;
pub mod reconcile;
pub mod refund;
pub mod registry;
pub mod replay;
pub mod rsa;
pub mod sandbox;
pub mod settings;
pub mod settle;
pub mod start;
pub mod stripe;
pub mod webhooks;
pub mod wechat;

pub use decide::{
    Open, Received, RefundOutcome, UndecidableError, apply, close_open_attempt, cover, has_failed_refund,
    has_undecided_money, is_all_back, left, open_attempt, received, refund_outcome, release,
};
pub use gateway::{Gateway, GatewayError, Presentation};
pub use model::{AttemptStatus, Purpose, RefundReason, RefundStatus};
pub use open::{OpenError, OpenPayment, open};
pub use queries::forget;
pub use registry::Gateways;
pub use settle::{Applied, Fact, settle};
pub use start::{StartError, open_now, start};

use crate::jobs::NewJob;
use time::OffsetDateTime;

/// Told upward: money came for an attempt. `{attempt_id}`
pub const SETTLED: &str = "payment-settled";
/// Told upward: an attempt ended without money, `closed` or `failed`. `{attempt_id}`
pub const CLOSED: &str = "payment-closed";
/// Told upward: the money went back. `{refund_id}`
pub const REFUND_FINISHED: &str = "refund-finished";
/// Told upward: the money could not go back by itself. `{refund_id}`
pub const REFUND_FAILED: &str = "refund-failed";

/// Told upward: a refund does not come to an end; the asking goes on. `{refund_id}`
pub const REFUND_STUCK: &str = "refund-stuck";
/// Told upward: money was sent back at the gateway, not by us. `{refund_id}`
pub const REFUND_EXTERNAL: &str = "refund-external";
/// Told upward: the payer has asked their bank for the money. `{attempt_id, detail}`
pub const DISPUTED: &str = "payment-disputed";

/// How often a job is tried when our own side fails; a gateway that fails is asked again without counting.
const TRIES: i32 = 20;

fn attempt_job(kind: &'static str, attempt: crate::ids::AttemptId, run_at: OffsetDateTime) -> NewJob {
    job(kind, attempt.to_string(), serde_json::json!({ "attempt_id": attempt }), run_at)
}

/// A refund may end more than once: each turn is a job of its own.
fn refund_job(kind: &'static str, refund: crate::ids::RefundId, turn: i32, run_at: OffsetDateTime) -> NewJob {
    job(kind, format!("{refund}:{turn}"), serde_json::json!({ "refund_id": refund }), run_at)
}

fn job(kind: &'static str, dedupe_key: String, payload: serde_json::Value, run_at: OffsetDateTime) -> NewJob {
    NewJob { kind, dedupe_key, payload, run_at, max_attempts: TRIES }
}
