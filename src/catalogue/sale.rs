use serde_json::json;
use sqlx::PgPool;

use super::{margin, queries};
use crate::audit::{self, Act, Actor};
use crate::clock::Clock;
use crate::plans;

/// What became of putting a plan back on sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutBack {
    Done,
    NoSuchPlan,
    /// The carrier sells its product no more.
    ProductGone,
}

/// Takes a plan off sale; false if there is none. Orders that were placed before keep what they were promised.
pub async fn withdraw(pool: &PgPool, clock: &Clock, actor: Actor<'_>, code: &str) -> anyhow::Result<bool> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let Some(plan) = plans::by_code(&mut *tx, code).await? else { return Ok(false) };
    if plans::set_withdrawn(&mut *tx, code, Some(now)).await? {
        let (subject, detail) = (Some(("plan", plan.code)), json!({ "carrier": plan.carrier, "why": "by hand" }));
        audit::record(&mut *tx, Act { at: now, actor, action: "plan.withdrawn", account: None, subject, detail })
            .await?;
        margin::watch(&mut tx, &plan.carrier, now).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Its offer is locked, so that the carrier can't withdraw it in between.
pub async fn put_back(pool: &PgPool, clock: &Clock, actor: Actor<'_>, code: &str) -> anyhow::Result<PutBack> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let Some(plan) = plans::by_code(&mut *tx, code).await? else { return Ok(PutBack::NoSuchPlan) };
    if queries::lock_gone(&mut *tx, &plan.carrier, &plan.carrier_product).await? == Some(true) {
        return Ok(PutBack::ProductGone);
    }
    if plans::set_withdrawn(&mut *tx, code, None).await? {
        let (subject, detail) = (Some(("plan", plan.code)), json!({ "carrier": plan.carrier }));
        audit::record(&mut *tx, Act { at: now, actor, action: "plan.put_back", account: None, subject, detail })
            .await?;
        margin::watch(&mut tx, &plan.carrier, now).await?;
    }
    tx.commit().await?;
    Ok(PutBack::Done)
}
