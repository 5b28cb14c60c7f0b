//! Gives rows their place in the chain, some at a time. Hashing while a row is written would make every writer wait for the
//! one before it, up to the end of its transaction; here only sealing waits for sealing. A row whose transaction ends late
//! comes into the chain after younger ones: the chain is in the order in which rows were seen.

use super::chain::Link;
use super::queries;
use crate::clock::Clock;
use crate::jobs::{Claimed, Done, JobError};
use sqlx::{PgConnection, PgPool};
use time::Duration;

/// The job that does it.
pub const JOB: &str = "seal-audit-trail";

const AT_ONCE: i64 = 1_000;
const EVERY: Duration = Duration::minutes(1);

pub async fn run(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let mut tx = crate::db::begin(pool).await?;
    let sealed = seal(&mut tx).await?;
    let next = if sealed < AT_ONCE { clock.now() + EVERY } else { clock.now() };
    let done = job.again(&mut tx, next).await?;
    tx.commit().await?;
    Ok(done)
}

/// How many rows were sealed.
pub async fn seal(conn: &mut PgConnection) -> sqlx::Result<i64> {
    let head = queries::lock_head(conn).await?;
    let (ids, entries): (Vec<i64>, Vec<String>) = queries::unsealed(conn, AT_ONCE).await?.into_iter().unzip();
    let links = linked(&head, &entries);
    let Some(end) = links.last() else { return Ok(0) };
    queries::seal(conn, &ids, &links).await?;
    queries::move_head(conn, end).await?;
    // Kept where logs are kept, this shows that nobody wrote the chain anew.
    tracing::info!(end = end.written(), "the audit trail was sealed");
    Ok(end.position - head.position)
}

fn linked(head: &Link, entries: &[String]) -> Vec<Link> {
    let mut last = head.clone();
    let next = |entry: &String| {
        last = last.next(entry);
        last.clone()
    };
    entries.iter().map(next).collect()
}
