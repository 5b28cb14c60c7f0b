use std::time::Duration as StdDuration;

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::reading::{self, Weight};
use super::schedule::{self, Class};
use super::{DEVIATES, change, queries};
use crate::carriers::{CarrierError, Carriers, Connection, LineKind, LineRef, Usage, UsageLimits};
use crate::clock::Clock;
use crate::ids::{self, LineId};
use crate::jobs::{self, NewJob};
use crate::lines::model::Line;
use crate::lines::{self, Watched};
use crate::provisioning;

/// Somebody waits for this answer with the page open.
const PATIENCE: StdDuration = StdDuration::from_secs(5);
/// People may be so far ahead of a carrier's pace; more than the sync may, so that it never takes all of their turns.
const PEOPLE_AHEAD: Duration = Duration::seconds(15);

/// What became of a question about one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Answered and written down.
    Heard,
    /// Its carrier takes one question about a line in a while.
    TooSoon(OffsetDateTime),
    /// The carrier takes no more questions for the moment, or can't be asked at all.
    Later,
    /// It was asked and gave no answer that helps.
    NoAnswer,
    /// Nobody holds the line any more.
    Gone,
}

pub fn line_ref(line: &Line) -> LineRef {
    LineRef {
        carrier: line.carrier.clone(),
        kind: if line.is_esim() { LineKind::Esim } else { LineKind::FmCard },
        iccid: line.iccid.clone(),
        carrier_line_id: line.carrier_line_id.clone(),
        msisdn: line.msisdn.clone(),
        valid_from: line.valid_from,
        valid_until: line.valid_until,
        anchor_day: line.validity().anchor_day,
        time_zone: line.time_zone.clone(),
    }
}

/// From when its carrier takes the next question about the line, if it was asked before; `None` where it can't be asked at all.
pub fn free_again(carriers: &Carriers, line: &Line) -> Option<Option<OffsetDateTime>> {
    let limits = carriers.get(&line.carrier).ok()?.carrier.facts().usage;
    Some(line.asked_at.map(|at| at + schedule::span(limits.per_line)))
}

/// Asks now, because a person wants to know. What takes too long is left to the sync.
pub async fn refresh(pool: &PgPool, clock: &Clock, carriers: &Carriers, line: &Line) -> sqlx::Result<Asked> {
    let Ok(connection) = carriers.get(&line.carrier) else { return Ok(Asked::Later) };
    let limits = connection.carrier.facts().usage;
    if queries::take_turns(pool, &line.carrier, limits.per_minute, 1, PEOPLE_AHEAD, clock.now()).await? == 0 {
        lines::sync_now(&mut *pool.acquire().await?, line.id, clock.now()).await?;
        return Ok(Asked::Later);
    }
    match tokio::time::timeout(PATIENCE, ask(pool, clock, connection, line.id)).await {
        Ok(asked) => asked,
        Err(_) => {
            lines::sync_now(&mut *pool.acquire().await?, line.id, clock.now()).await?;
            Ok(Asked::NoAnswer)
        }
    }
}

/// Asks the carrier, with no transaction open, and writes down what it says.
pub(super) async fn ask(pool: &PgPool, clock: &Clock, connection: &Connection, line: LineId) -> sqlx::Result<Asked> {
    let now = clock.now();
    let limits = connection.carrier.facts().usage;
    let per_line = schedule::span(limits.per_line);
    let Some(asked) = lines::watched(pool, line).await? else { return Ok(Asked::Gone) };
    if !lines::begin_asking(pool, line, now, now - per_line).await? {
        let free = asked.line.asked_at.unwrap_or(now) + per_line;
        let class = Class::of(&asked, now);
        lines::put_off(pool, line, free, class.rank(), asked.sync_failures, None).await?;
        return Ok(Asked::TooSoon(free));
    }
    match connection.ask(now, connection.carrier.usage(&line_ref(&asked.line))).await {
        Ok(usage) if !reading::says_nothing(&usage) => {
            record(pool, clock, &limits, &asked, &usage).await?;
            Ok(Asked::Heard)
        }
        Ok(_) => silent(pool, clock, &limits, &asked, "it knows nothing of the line").await,
        Err(CarrierError::Unknown(what)) => silent(pool, clock, &limits, &asked, &what).await,
        Err(error) => {
            tracing::info!(carrier = %asked.line.carrier, %error, "the carrier can't be asked about its lines");
            Ok(Asked::Later)
        }
    }
}

async fn silent(pool: &PgPool, clock: &Clock, limits: &UsageLimits, asked: &Watched, why: &str) -> sqlx::Result<Asked> {
    let (line, now) = (&asked.line, clock.now());
    tracing::info!(carrier = %line.carrier, line.id = %line.id, failures = asked.sync_failures, "no figures: {why}");
    let class = Class::of(asked, now);
    let next = schedule::after_failure(class, limits, asked.sync_failures, chance(), now);
    lines::put_off(pool, line.id, next, class.rank(), asked.sync_failures.saturating_add(1), None).await?;
    Ok(Asked::NoAnswer)
}

/// The answer, what follows from it and the next question's time, in one transaction.
async fn record(
    pool: &PgPool,
    clock: &Clock,
    limits: &UsageLimits,
    asked: &Watched,
    usage: &Usage,
) -> sqlx::Result<()> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let Some(held) = lines::lock_watched(&mut tx, asked.line.id).await? else { return Ok(()) };
    let under_way = provisioning::under_way(&mut tx, held.line.id).await?;
    let weight = reading::weigh(asked, &held, usage, under_way, schedule::span(limits.lag));
    let after = reading::after(&held.line, usage, weight, now);
    let mut soon = weight == Weight::Nothing;
    if weight != Weight::Nothing {
        lines::rewrite(&mut tx, &held.line, &after, now).await?;
        tell_of_broken_promise(&mut tx, &held, &after, now).await?;
        soon = change::confirm(&mut tx, &after, usage.state, now).await?;
    }
    let class = Class::of(&Watched { line: after, ..held.clone() }, now);
    let next = match soon {
        true => schedule::soon(limits, now),
        false => schedule::next(class, limits, chance(), now),
    };
    lines::put_off(&mut *tx, held.line.id, next, class.rank(), 0, Some(now)).await?;
    tx.commit().await
}

/// Fewer days than the newest renewal gave: what the customer was promised and paid for.
async fn tell_of_broken_promise(
    conn: &mut PgConnection,
    held: &Watched,
    after: &Line,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let (Some(order), Some(given)) = (held.renewed_by, held.renewed_until) else { return Ok(()) };
    if after.valid_until >= held.line.valid_until || after.valid_until >= given {
        return Ok(());
    }
    let until = after.valid_until.to_string();
    let payload = json!({ "order_id": order, "until": until });
    let dedupe_key = format!("{order}:{}:{until}", held.version);
    jobs::enqueue(conn, NewJob { kind: DEVIATES, dedupe_key, payload, run_at: now, max_attempts: 20 }).await
}

fn chance() -> u8 {
    let mut chance = [0u8; 1];
    ids::fill_random(&mut chance);
    chance[0]
}
