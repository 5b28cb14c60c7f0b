use anyhow::anyhow;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::model::{Heard, Provisioning, State, pause};
use super::queries::{self, Step};
use super::{PROVISIONED, PROVISIONING_REFUSED, PROVISIONING_STUCK};
use crate::carriers::{Answer, Carrier, CarrierError, Carriers};
use crate::clock::Clock;
use crate::ids::{self, ProvisioningId};
use crate::jobs::{self, Claimed, Done, JobError, NewJob};

/// Takes a provisioning one step on with its carrier. `{provisioning_id}`
pub const PROVISION: &str = "provision";

const EVENT_ATTEMPTS: i32 = 100;

#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// After this a person is told; the carrier is asked on.
    pub stuck_after: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { stuck_after: Duration::hours(2) }
    }
}

/// One step: ask or send, with no transaction open, then record what was heard and come back later
/// unless it has ended.
pub async fn provision(
    pool: &PgPool,
    clock: &Clock,
    carriers: &Carriers,
    settings: &Settings,
    job: &Claimed,
) -> Result<Done, JobError> {
    let id: ProvisioningId = job.field("provisioning_id")?;
    let missing = || JobError::fail(anyhow!("provisioning {id} does not exist"));
    let task = queries::by_id(pool, id).await?.ok_or_else(missing)?;
    if task.state.has_ended() {
        return nothing_left(pool, job).await;
    }
    let heard = match carriers.get(&task.carrier) {
        Err(error) => unreachable_carrier(&task, error),
        Ok(connection) => match connection.turn() {
            Some(_turn) => step(pool, clock, connection.carrier.as_ref(), &task).await?,
            None => return wait_for_a_turn(pool, clock, job).await,
        },
    };
    log(&task, &heard);
    record(pool, clock.now(), settings, job, &task, heard).await
}

/// What may have been sent is asked after; it is sent again only when the carrier surely has not
/// seen it, and then it is the same request.
async fn step(pool: &PgPool, clock: &Clock, carrier: &dyn Carrier, task: &Provisioning) -> Result<Heard, JobError> {
    if task.submitted_at.is_some() {
        match carrier.find(&task.request.request_id).await {
            Ok(Some(answer)) => return Ok(Heard::Answer(answer)),
            Ok(None) => {}
            Err(error) => return Ok(Heard::Silence(error)),
        }
    }
    if !queries::mark_sent(pool, task.id, clock.now()).await? {
        return Err(JobError::retry(anyhow!("it ended while it was about to be sent")));
    }
    Ok(match carrier.submit(&task.request).await {
        Ok(answer) => Heard::Answer(answer),
        Err(error @ CarrierError::Unknown(_)) => Heard::Lost(error),
        Err(error @ (CarrierError::Unavailable(_) | CarrierError::Misconfigured(_))) => Heard::TurnedAway(error),
    })
}

fn unreachable_carrier(task: &Provisioning, error: CarrierError) -> Heard {
    match task.submitted_at {
        Some(_) => Heard::Silence(error),
        None => Heard::TurnedAway(error),
    }
}

/// The new state, what follows from it and the job's own future, in one transaction.
async fn record(
    pool: &PgPool,
    now: OffsetDateTime,
    settings: &Settings,
    job: &Claimed,
    task: &Provisioning,
    heard: Heard,
) -> Result<Done, JobError> {
    let moved_on = || JobError::retry(anyhow!("it has moved on meanwhile"));
    let state = task.state.after(&heard).ok_or_else(moved_on)?;
    let asked_count = if state == task.state { task.asked_count.saturating_add(1) } else { 0 };
    let overdue = now - task.created_at >= settings.stuck_after;
    let mut tx = crate::db::begin(pool).await?;
    if !queries::record(&mut tx, task, taken(state, asked_count, &heard, now)).await? {
        return Err(moved_on());
    }
    if let Some(event) = event(state, overdue) {
        signal(&mut tx, event, task.id, now).await?;
    }
    let done = if state.has_ended() {
        job.complete(&mut tx).await?
    } else {
        let mut chance = [0u8; 1];
        ids::fill_random(&mut chance);
        job.again(&mut tx, now + pause(state, asked_count, overdue, chance[0])).await?
    };
    tx.commit().await?;
    Ok(done)
}

fn taken(state: State, asked_count: i32, heard: &Heard, now: OffsetDateTime) -> Step<'_> {
    let (refusal, carrier_until) = match heard {
        Heard::Answer(Answer::Refused(refusal)) => (Some(refusal.code()), None),
        Heard::Answer(Answer::Done { valid_until }) => (None, Some(*valid_until)),
        _ => (None, None),
    };
    Step {
        state,
        asked_count,
        unsent: matches!(heard, Heard::TurnedAway(_)),
        refusal,
        carrier_until,
        finished_at: state.has_ended().then_some(now),
    }
}

fn event(state: State, overdue: bool) -> Option<&'static str> {
    match state {
        State::Succeeded => Some(PROVISIONED),
        State::FailedPermanent => Some(PROVISIONING_REFUSED),
        State::Queued | State::Submitted | State::Unknown => overdue.then_some(PROVISIONING_STUCK),
    }
}

async fn signal(
    conn: &mut PgConnection,
    kind: &'static str,
    id: ProvisioningId,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let payload = json!({ "provisioning_id": id });
    let event = NewJob { kind, dedupe_key: id.to_string(), payload, run_at: now, max_attempts: EVENT_ATTEMPTS };
    jobs::enqueue(conn, event).await
}

async fn nothing_left(pool: &PgPool, job: &Claimed) -> Result<Done, JobError> {
    let mut tx = crate::db::begin(pool).await?;
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

async fn wait_for_a_turn(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let mut tx = crate::db::begin(pool).await?;
    let done = job.again(&mut tx, clock.now() + Duration::SECOND).await?;
    tx.commit().await?;
    Ok(done)
}

fn log(task: &Provisioning, heard: &Heard) {
    match heard {
        Heard::Answer(answer) => tracing::info!(order.id = %task.order_id, ?answer, "the carrier answered"),
        Heard::Lost(error) | Heard::TurnedAway(error) | Heard::Silence(error) => {
            tracing::warn!(order.id = %task.order_id, carrier = %task.carrier, %error, "no word from the carrier");
        }
    }
}
