//! Proof over the whole database that no order is lost or doubled: what `renewal-portal audit` prints.
//! Reads every slice's tables and writes none. A check is a question whose right answer is "no rows".

mod checks;

use crate::audit;
use crate::orders::model::OrderStatus;
use crate::simulator::ledger;
use sqlx::{PgConnection, PgPool};

/// One question about the whole database.
pub struct Check {
    pub id: &'static str,
    pub claim: &'static str,
    /// Rows of one text column: each names what breaks the claim.
    breaks: &'static str,
    /// How many things were looked at.
    looked_at: &'static str,
}

#[derive(Debug)]
pub struct Verdict {
    pub id: &'static str,
    pub claim: &'static str,
    pub looked_at: i64,
    pub breaks: Vec<String>,
}

/// Asks everything in one snapshot, so that work going on meanwhile is seen whole or not at all.
pub async fn prove(pool: &PgPool) -> sqlx::Result<Vec<Verdict>> {
    let mut tx = crate::db::begin(pool).await?;
    sqlx::query("set transaction isolation level repeatable read, read only").execute(&mut *tx).await?;
    let verdicts = prove_in(&mut tx).await?;
    tx.rollback().await?;
    Ok(verdicts)
}

/// Asks everything within the caller's transaction.
pub async fn prove_in(conn: &mut PgConnection) -> sqlx::Result<Vec<Verdict>> {
    let mut verdicts = vec![];
    for check in checks::ALL {
        verdicts.push(ask(conn, check.id, check.claim, check.breaks, check.looked_at).await?);
    }
    verdicts.push(edges(conn).await?);
    verdicts.extend(carrier_books(conn).await?);
    verdicts.push(audit_trail(conn).await?);
    Ok(verdicts)
}

async fn ask(
    conn: &mut PgConnection,
    id: &'static str,
    claim: &'static str,
    breaks: &'static str,
    looked_at: &'static str,
) -> sqlx::Result<Verdict> {
    let breaks = sqlx::query_scalar(breaks).fetch_all(&mut *conn).await?;
    let looked_at = sqlx::query_scalar(looked_at).fetch_one(conn).await?;
    Ok(Verdict { id, claim, looked_at, breaks })
}

/// I7, second half: every move of an order is an edge of the graph the code draws.
async fn edges(conn: &mut PgConnection) -> sqlx::Result<Verdict> {
    let moves: Vec<(String, OrderStatus, OrderStatus, i64)> = sqlx::query_as(
        "select min(o.number), e.from_status, e.to_status, count(*) from order_events e join orders o on o.id = e.order_id
         where e.from_status <> e.to_status group by 2, 3",
    )
    .fetch_all(conn)
    .await?;
    let breaks = moves
        .iter()
        .filter(|(_, from, to, _)| !from.may_become(*to))
        .map(|(number, from, to, _)| format!("{number}: {} -> {}", from.name(), to.name()));
    Ok(Verdict {
        id: "I7",
        claim: "every move of an order is an edge of its graph",
        looked_at: moves.iter().map(|row| row.3).sum(),
        breaks: breaks.collect(),
    })
}

/// I12: the audit trail goes along its hashes from the first row to its end.
async fn audit_trail(conn: &mut PgConnection) -> sqlx::Result<Verdict> {
    let proof = audit::verify(conn).await?;
    let claim = "the audit trail is as it was written, no row changed, taken out or put in between";
    Ok(Verdict { id: "I12", claim, looked_at: proof.sealed, breaks: proof.breaks })
}

/// I3: the carrier's own books, where they can be seen: at most one renewal per order, exactly one for an active one.
async fn carrier_books(conn: &mut PgConnection) -> sqlx::Result<Option<Verdict>> {
    let Some(counts) = ledger::check(conn).await? else { return Ok(None) };
    let found = [
        (counts.doubled, "orders renewed more than once"),
        (counts.missing, "active orders the carrier never renewed"),
        (counts.orphaned, "renewals nobody asked for"),
        (counts.despite_refusal, "renewals of orders that count as refused"),
        (counts.differing, "active orders with another last day than the carrier's"),
    ];
    let breaks = found.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    Ok(Some(Verdict {
        id: "I3",
        claim: "the carrier renewed once what is active, and nothing else",
        looked_at: counts.renewals,
        breaks,
    }))
}
