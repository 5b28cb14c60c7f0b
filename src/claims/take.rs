//! From stock to whoever proved it, in the caller's transaction.

use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::audit::{self, Act, Actor};
use crate::ids::{AccountId, LineId};
use crate::lines::{self, Holding, Stock};
use crate::{orders, profiles};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Added(LineId),
    /// It was on the account before.
    Yours(LineId),
    /// Another account holds it, and nothing says that the ICCID is used again.
    Held,
    /// It is no longer in stock.
    Gone,
}

/// `proof`: what proved it, for the audit trail.
pub async fn take(
    conn: &mut PgConnection,
    stock: &Stock,
    account: AccountId,
    proof: &'static str,
    now: OffsetDateTime,
) -> sqlx::Result<Taken> {
    let Some(stock) = lines::lock_stock(conn, stock.id).await? else { return Ok(Taken::Gone) };
    let rivals = lines::rivals(conn, &stock).await?;
    if let Some(rival) = rivals.iter().find(|rival| !stock.follows(rival)) {
        let yours = rival.account_id == account;
        return Ok(if yours { Taken::Yours(rival.id) } else { Taken::Held });
    }
    for rival in &rivals {
        // What is paid for must reach the line it was bought for; a person sorts that out first.
        if orders::has_open(conn, rival.id).await? || profiles::is_under_way(&mut *conn, rival.id).await? {
            return Ok(Taken::Held);
        }
        end_former(conn, rival, now).await?;
    }
    lines::hold(conn, stock.id, account, now).await?;
    let former: Vec<LineId> = rivals.iter().map(|rival| rival.id).collect();
    let act = Act {
        at: now,
        actor: Actor::customer(account),
        action: "line.claimed",
        account: Some(account),
        subject: Some(("line", stock.id.to_string())),
        detail: json!({ "proof": proof, "carrier": stock.carrier, "former": former }),
    };
    audit::record(&mut *conn, act).await?;
    Ok(Taken::Added(stock.id))
}

/// Its history stays with who held it, who is not told by whom it is held now.
async fn end_former(conn: &mut PgConnection, former: &Holding, now: OffsetDateTime) -> sqlx::Result<()> {
    lines::end(conn, former.id, now).await?;
    let act = Act {
        at: now,
        actor: Actor::SYSTEM,
        action: "line.ended",
        account: Some(former.account_id),
        subject: Some(("line", former.id.to_string())),
        detail: json!({ "reason": "recycled" }),
    };
    audit::record(&mut *conn, act).await
}
