//! Staff end a line: it was returned, or its ICCID is used again. Whoever held it keeps its orders and receipts.

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use crate::accounts::Proven;
use crate::audit::{self, Act, Actor};
use crate::clock::Clock;
use crate::ids::{AccountId, LineId};
use crate::{lines, orders, profiles};

#[derive(Debug, thiserror::Error)]
pub enum EndError {
    #[error("there is no such line")]
    NoSuchLine,
    #[error("an order for it, or for a profile of it, is open")]
    OrderOpen,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Gives who held it.
pub async fn end_line(
    pool: &PgPool,
    clock: &Clock,
    who: &Proven,
    line: LineId,
    reason: &str,
) -> Result<AccountId, EndError> {
    let mut tx = who.begin(pool).await?;
    let holder = end_held(&mut tx, who.person.actor(), line, reason, clock.now()).await?;
    tx.commit().await?;
    Ok(holder)
}

/// The same in its caller's transaction.
pub async fn end_held(
    conn: &mut PgConnection,
    actor: Actor<'_>,
    line: LineId,
    reason: &str,
    now: OffsetDateTime,
) -> Result<AccountId, EndError> {
    let held = lines::lock(conn, line).await?.ok_or(EndError::NoSuchLine)?;
    if orders::has_open(conn, line).await? || profiles::is_under_way(&mut *conn, line).await? {
        return Err(EndError::OrderOpen);
    }
    lines::end(conn, line, now).await?;
    let act = Act {
        at: now,
        actor,
        action: "line.ended",
        account: Some(held.account_id),
        subject: Some(("line", line.to_string())),
        detail: json!({ "reason": reason }),
    };
    audit::record(conn, act).await?;
    Ok(held.account_id)
}
