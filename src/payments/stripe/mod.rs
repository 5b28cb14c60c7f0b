//! Stripe Checkout: the customer pays on a page of Stripe's. Requests are forms, answers JSON, notifications signed with a
//! secret of the endpoint they are sent to.

mod amount;
mod client;
mod failure;
mod gateway;
mod notice;
mod search;
mod settings;
mod signature;
mod statement;
mod wire;

pub use gateway::StripeGateway;
pub use settings::{Settings, StripeSettings};

/// Names of fields change between versions; the endpoint for notifications must be set to the same one.
pub const VERSION: &str = "2026-10-28.endive";
