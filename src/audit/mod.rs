//! Who did what to whom, one row an act, written in the transaction of the act. Owns `audit_log` and `audit_head`; nothing
//! changes a row. Rows are sealed into a chain of hashes afterwards ([`seal`]), so that a row that was changed, taken out or
//! put in between is found ([`verify`]).

mod chain;
pub mod export;
mod queries;
pub mod seal;
mod verify;

pub use verify::{Mark, Proof, end, holds, verify};

use crate::ids::AccountId;
use serde_json::Value;
use sqlx::PgExecutor;
use time::OffsetDateTime;

/// Who acts: a person in a role, or the portal itself.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    pub id: Option<AccountId>,
    pub role: &'a str,
}

impl Actor<'static> {
    pub const SYSTEM: Self = Self { id: None, role: "system" };

    pub fn customer(id: AccountId) -> Self {
        Self { id: Some(id), role: "customer" }
    }
}

/// One act: `action` is `noun.verbed`, `account` whose data it touched, `subject` the thing acted on.
pub struct Act<'a> {
    pub at: OffsetDateTime,
    pub actor: Actor<'a>,
    pub action: &'static str,
    pub account: Option<AccountId>,
    pub subject: Option<(&'static str, String)>,
    pub detail: Value,
}

pub async fn record(executor: impl PgExecutor<'_>, act: Act<'_>) -> sqlx::Result<()> {
    queries::insert(executor, act).await
}
