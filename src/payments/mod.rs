//! Money from outside: one attempt is one try to collect an order's amount through one gateway.
//! Owns `payment_attempts`, `refunds` and `gateway_events`; what they say of money stands in the ledger too (`books`). A notification, the return page, the poller and a
//! reconciliation all end in [`settle::settle`], which records that money came; what that means for the order
//! is decided above, by whoever handles `payment-settled`. No transaction is open while a gateway is asked.

pub mod books;
pub mod close;
mod decide;
pub mod gateway;
pub mod http;
pub mod model;
pub mod open;
pub mod queries;
pub mod query;
pub mod refund;
pub mod registry;
pub mod replay;
pub mod rsa;
pub mod sandbox;
pub mod settings;
pub mod settle;
pub mod start;
pub mod webhooks;
pub mod wechat;

pub use decide::{
    Received, RefundOutcome, UndecidableError, apply, close_open_attempt, has_undecided_money, is_refunded,
    open_attempt, received, refund_outcome,
};
pub use gateway::{Gateway, GatewayError, Presentation};
pub use model::{AttemptStatus, RefundReason, RefundStatus};
pub use open::{OpenPayment, open};
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

/// How often a job is tried when our own side fails; a gateway that fails is asked again without counting.
const TRIES: i32 = 20;

fn attempt_job(kind: &'static str, attempt: crate::ids::AttemptId, run_at: OffsetDateTime) -> NewJob {
    job(kind, "attempt_id", attempt.to_string(), run_at)
}

fn refund_job(kind: &'static str, refund: crate::ids::RefundId, run_at: OffsetDateTime) -> NewJob {
    job(kind, "refund_id", refund.to_string(), run_at)
}

fn job(kind: &'static str, field: &str, id: String, run_at: OffsetDateTime) -> NewJob {
    let payload = serde_json::json!({ field: id });
    NewJob { kind, dedupe_key: id, payload, run_at, max_attempts: TRIES }
}
