use std::time::{Duration as StdDuration, Instant};

use futures_util::StreamExt;
use serde_json::json;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

use super::ask::{Asked, ask};
use super::{queries, schedule};
use crate::carriers::{Carriers, Connection, Turn};
use crate::clock::Clock;
use crate::ids::LineId;
use crate::jobs::{self, Claimed, Done, JobError, NewJob};
use crate::lines;

/// Asks one carrier after the lines that are due, a few at a time, for ever: `{carrier}`.
pub const SYNC: &str = "sync-lines";

const PERIOD: Duration = Duration::seconds(10);
/// A slow carrier does not keep the others waiting: no line is begun after this.
const BUDGET: StdDuration = StdDuration::from_secs(5);
/// Few, so that renewals find a free turn.
const AT_ONCE: usize = 2;
/// So far ahead of the carrier's pace.
const AHEAD: Duration = Duration::seconds(8);
const UNREACHABLE: Duration = Duration::HOUR;

/// One job for each carrier that can be reached.
pub async fn schedule_all(pool: &PgPool, clock: &Clock, carriers: &Carriers) -> sqlx::Result<()> {
    let mut conn = pool.acquire().await?;
    for code in queries::carriers(&mut conn).await? {
        if carriers.get(&code).is_ok() {
            let payload = json!({ "carrier": code });
            let job = NewJob { kind: SYNC, dedupe_key: code, payload, run_at: clock.now(), max_attempts: i32::MAX };
            jobs::enqueue(&mut conn, job).await?;
        }
    }
    Ok(())
}

pub async fn run(pool: &PgPool, clock: &Clock, carriers: &Carriers, job: &Claimed) -> Result<Done, JobError> {
    let carrier: String = job.field("carrier")?;
    let next = match carriers.get(&carrier) {
        Ok(connection) => round(pool, clock, connection, &carrier).await?,
        Err(_) => clock.now() + UNREACHABLE,
    };
    let mut tx = crate::db::begin(pool).await?;
    let done = job.again(&mut tx, next).await?;
    tx.commit().await?;
    Ok(done)
}

/// Returns when the next one is due.
async fn round(pool: &PgPool, clock: &Clock, connection: &Connection, carrier: &str) -> sqlx::Result<OffsetDateTime> {
    let now = clock.now();
    if let Turn::Resting(until) = connection.turn(now) {
        return Ok(until);
    }
    let lines = chosen(pool, connection, carrier, now).await?;
    let begun = Instant::now();
    let mut answers = futures_util::stream::iter(lines)
        .take_while(|_| std::future::ready(begun.elapsed() < BUDGET))
        .map(|line| in_turn(pool, clock, connection, line))
        .buffer_unordered(AT_ONCE);
    while let Some(asked) = answers.next().await {
        // It has closed its door; the rest stays due.
        if asked? == Asked::Later {
            break;
        }
    }
    Ok(clock.now() + PERIOD)
}

async fn chosen(
    pool: &PgPool,
    connection: &Connection,
    carrier: &str,
    now: OffsetDateTime,
) -> sqlx::Result<Vec<LineId>> {
    let limits = connection.carrier.facts().usage;
    let room = schedule::room(&limits, PERIOD);
    let due = lines::due(pool, carrier, now, i64::try_from(room).unwrap_or(i64::MAX)).await?;
    let of_rank = |rank: usize| due.iter().filter(move |due| usize::from(due.sync_rank.unsigned_abs()) == rank);
    let shares = schedule::shares(room, [0, 1, 2].map(|rank| of_rank(rank).count()));
    let mut lines: Vec<LineId> = (0..3).flat_map(|rank| of_rank(rank).take(shares[rank])).map(|due| due.id).collect();
    let turns = queries::take_turns(pool, carrier, limits.per_minute, lines.len(), AHEAD, now).await?;
    lines.truncate(turns);
    Ok(lines)
}

async fn in_turn(pool: &PgPool, clock: &Clock, connection: &Connection, line: LineId) -> sqlx::Result<Asked> {
    match connection.turn(clock.now()) {
        Turn::Now(_turn) => ask(pool, clock, connection, line).await,
        Turn::Wait | Turn::Resting(_) => Ok(Asked::Later),
    }
}
