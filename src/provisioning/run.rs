use anyhow::anyhow;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::model::{Heard, Provisioning, State, pause};
use super::queries::{self, Step};
use super::{PROVISIONED, PROVISIONING_REFUSED, PROVISIONING_STUCK};
use crate::carriers::{Answer, CarrierError, Carriers, Connection, Submission, Turn};
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
    let now = clock.now();
    let overdue = now - task.created_at >= settings.stuck_after;
    let heard = match carriers.get(&task.carrier) {
        Err(error) => unreachable_carrier(&task, error),
        Ok(connection) => match connection.turn(now) {
            Turn::Now(_turn) => step(pool, clock, connection, &task).await?,
            Turn::Resting(until) if !overdue => return come_back(pool, job, until).await,
            Turn::Resting(_) => unreachable_carrier(&task, CarrierError::Unavailable("it keeps failing".to_owned())),
            Turn::Wait => return come_back(pool, job, now + Duration::SECOND).await,
        },
    };
    log(&task, &heard);
    record(pool, clock.now(), overdue, job, &task, heard).await
}

/// What may have been sent is asked after; it is sent again only when the carrier surely has not
/// seen it, and then it is the same request.
async fn step(pool: &PgPool, clock: &Clock, connection: &Connection, task: &Provisioning) -> Result<Heard, JobError> {
    let (carrier, now) = (connection.carrier.as_ref(), clock.now());
    if task.submitted_at.is_some() {
        let submission = submission(task, task.baseline.as_ref().unwrap_or(&Value::Null), now);
        match connection.ask(now, carrier.find(&submission)).await {
            Ok(Some(answer)) => return Ok(Heard::Answer(answer)),
            Ok(None) => {}
            Err(error) => return Ok(Heard::Silence(error)),
        }
    }
    // What was there before it was turned away may have changed since.
    let baseline = match task.baseline.as_ref().filter(|_| task.submitted_at.is_some()) {
        Some(baseline) => baseline.clone(),
        None => match connection.ask(now, carrier.baseline(&task.request.line)).await {
            Ok(baseline) => baseline,
            Err(error) => return Ok(unreachable_carrier(task, error)),
        },
    };
    if !queries::mark_sent(pool, task.id, &baseline, now).await? {
        return Err(JobError::retry(anyhow!("it ended while it was about to be sent")));
    }
    Ok(match connection.ask(now, carrier.submit(&submission(task, &baseline, now))).await {
        Ok(answer) => Heard::Answer(answer),
        Err(error @ CarrierError::Unknown(_)) => Heard::Lost(error),
        Err(error) => Heard::TurnedAway(error),
    })
}

fn submission<'a>(task: &'a Provisioning, baseline: &'a Value, now: OffsetDateTime) -> Submission<'a> {
    let reference = task.carrier_reference.as_deref();
    Submission { request: &task.request, reference, baseline, sent_at: task.submitted_at, now }
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
    overdue: bool,
    job: &Claimed,
    task: &Provisioning,
    heard: Heard,
) -> Result<Done, JobError> {
    let moved_on = || JobError::retry(anyhow!("it has moved on meanwhile"));
    let state = task.state.after(&heard).ok_or_else(moved_on)?;
    let asked_count = if state == task.state { task.asked_count.saturating_add(1) } else { 0 };
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
        let pause = pause(state, asked_count, overdue, chance[0]).max(wanted(&heard));
        job.again(&mut tx, now + pause).await?
    };
    tx.commit().await?;
    Ok(done)
}

/// How long there is no use in asking the carrier.
fn wanted(heard: &Heard) -> Duration {
    let (Heard::Lost(error) | Heard::TurnedAway(error) | Heard::Silence(error)) = heard else { return Duration::ZERO };
    match error {
        CarrierError::Busy(rest) | CarrierError::TooEarly(rest) => Duration::try_from(*rest).unwrap_or(Duration::HOUR),
        _ => Duration::ZERO,
    }
}

fn taken(state: State, asked_count: i32, heard: &Heard, now: OffsetDateTime) -> Step<'_> {
    let (refusal, carrier_until, carrier_reference) = match heard {
        Heard::Answer(Answer::Refused(refusal)) => (Some(refusal.code()), None, None),
        Heard::Answer(Answer::Done { valid_until }) => (None, *valid_until, None),
        Heard::Answer(Answer::Accepted { reference }) => (None, None, reference.as_deref()),
        _ => (None, None, None),
    };
    Step {
        state,
        asked_count,
        unsent: matches!(heard, Heard::TurnedAway(_)),
        refusal,
        carrier_reference,
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

pub(super) async fn nothing_left(pool: &PgPool, job: &Claimed) -> Result<Done, JobError> {
    let mut tx = crate::db::begin(pool).await?;
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

pub(super) async fn come_back(pool: &PgPool, job: &Claimed, at: OffsetDateTime) -> Result<Done, JobError> {
    let mut tx = crate::db::begin(pool).await?;
    let done = job.again(&mut tx, at).await?;
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
