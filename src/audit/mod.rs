//! Who did what to whom, one row an act, written in the transaction of the act. Owns `audit_log`; nothing changes a row.

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
    let (subject_type, subject_id) = act.subject.unzip();
    sqlx::query(
        "insert into audit_log (at, actor_id, actor_role, action, account_id, subject_type, subject_id, detail)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(act.at)
    .bind(act.actor.id)
    .bind(act.actor.role)
    .bind(act.action)
    .bind(act.account)
    .bind(subject_type)
    .bind(subject_id)
    .bind(act.detail)
    .execute(executor)
    .await?;
    Ok(())
}
