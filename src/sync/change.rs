//! A line that is activated, suspended or resumed from afar: asked for here, done by its carrier, believed when the carrier
//! shows it. `requested -> accepted -> done`; `refused` by the carrier; `unconfirmed` where it never showed.

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::ask::line_ref;
use super::queries::{self, NewChange};
use super::run::SYNC;
use crate::audit::{self, Act, Actor};
use crate::carriers::{CarrierError, Carriers, Change, LineState, Refusal};
use crate::clock::Clock;
use crate::ids::{ChangeId, LineId};
use crate::jobs::{self, Claimed, Done, JobError, NewJob};
use crate::lines::{self, model::Line};

pub use queries::LineChange;

/// Has a carrier change a line: `{change_id}`.
pub const CHANGE: &str = "change-line";

/// After this the carrier is not expected to show it any more.
const PATIENCE: Duration = Duration::DAY;
const SHORTEST_PAUSE: Duration = Duration::seconds(5);
const LONGEST_PAUSE: Duration = Duration::minutes(10);

#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("nobody holds the line")]
    NoSuchLine,
    #[error("the carrier can't, or the line is not in that state")]
    NotPossible,
    #[error("another change is under way")]
    UnderWay,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What can be done with the line as it stands.
pub fn possible(carriers: &Carriers, line: &Line) -> Option<Change> {
    let connection = carriers.get(&line.carrier).ok()?;
    let wanted = match line.status.as_str() {
        "new" => Change::Activate,
        "active" => Change::Suspend,
        "suspended" => Change::Resume,
        _ => return None,
    };
    connection.carrier.control()?.can().contains(&wanted).then_some(wanted)
}

/// The newest, if it has not ended or ended a short while ago.
pub async fn newest(pool: &PgPool, line: LineId, now: OffsetDateTime) -> sqlx::Result<Option<LineChange>> {
    let newest = queries::newest_change(pool, line).await?;
    Ok(newest.filter(|change| change.finished_at.is_none_or(|at| now - at < PATIENCE)))
}

/// Whether it was asked for that the line be suspended, and the carrier has neither shown nor refused it.
pub async fn is_suspending(pool: &PgPool, line: LineId) -> sqlx::Result<bool> {
    let newest = queries::newest_change(pool, line).await?;
    Ok(newest.is_some_and(|change| change.finished_at.is_none() && change.change == Change::Suspend.as_str()))
}

/// Saves what is wanted with the job that asks the carrier for it.
pub async fn request(
    pool: &PgPool,
    clock: &Clock,
    carriers: &Carriers,
    actor: Actor<'_>,
    (line, change): (LineId, Change),
    reason: Option<&str>,
) -> Result<(), ChangeError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let line = lines::lock(&mut tx, line).await?.ok_or(ChangeError::NoSuchLine)?;
    if possible(carriers, &line) != Some(change) {
        return Err(ChangeError::NotPossible);
    }
    let new = NewChange { line: line.id, account: line.account_id, change, actor, reason };
    let Some(id) = queries::insert_change(&mut tx, &new, now).await? else { return Err(ChangeError::UnderWay) };
    let detail = json!({ "change": change.as_str(), "reason": reason });
    let subject = Some(("line", line.id.to_string()));
    let act = Act { at: now, actor, action: "line.change_requested", account: Some(line.account_id), subject, detail };
    audit::record(&mut *tx, act).await?;
    let (dedupe_key, payload) = (id.to_string(), json!({ "change_id": id }));
    jobs::enqueue(&mut tx, NewJob { kind: CHANGE, dedupe_key, payload, run_at: now, max_attempts: 100 }).await?;
    tx.commit().await?;
    Ok(())
}

/// Asking a carrier twice for the same change changes nothing more, so it is asked until it answers.
pub async fn run(pool: &PgPool, clock: &Clock, carriers: &Carriers, job: &Claimed) -> Result<Done, JobError> {
    let id: ChangeId = job.field("change_id")?;
    let missing = || JobError::fail(anyhow::anyhow!("no line change {id}"));
    let wanted = queries::change(pool, id).await?.ok_or_else(missing)?;
    let heard = match lines::watched(pool, wanted.line_id).await? {
        _ if wanted.status != "requested" => None,
        None => Some(Ok(Err(Refusal::UnknownLine))),
        Some(held) => Some(ask(clock, carriers, &held.line, &wanted).await),
    };
    record(pool, clock.now(), job, &wanted, heard).await
}

type Heard = Result<Result<(), Refusal>, CarrierError>;

async fn ask(clock: &Clock, carriers: &Carriers, line: &Line, wanted: &LineChange) -> Heard {
    let connection = carriers.get(&line.carrier)?;
    let Some(control) = connection.carrier.control() else { return Ok(Err(Refusal::NotRenewable)) };
    let change = Change::parse(&wanted.change).ok_or_else(|| CarrierError::misconfigured("no such change"))?;
    connection.ask(clock.now(), control.change(&line_ref(line), change)).await
}

async fn record(
    pool: &PgPool,
    now: OffsetDateTime,
    job: &Claimed,
    wanted: &LineChange,
    heard: Option<Heard>,
) -> Result<Done, JobError> {
    let waited = now - wanted.requested_at;
    let mut tx = crate::db::begin(pool).await?;
    let done = match heard {
        None => job.complete(&mut tx).await?,
        Some(Ok(Ok(()))) => {
            queries::accept_change(&mut tx, wanted.id, now).await?;
            lines::sync_anew(&mut tx, wanted.line_id, now).await?;
            jobs::hurry(&mut tx, SYNC, &wanted.carrier, now).await?;
            job.complete(&mut tx).await?
        }
        Some(Ok(Err(refusal))) => {
            queries::finish_change(&mut tx, wanted.id, "refused", Some(refusal.code()), now).await?;
            job.complete(&mut tx).await?
        }
        Some(Err(error)) if waited > PATIENCE => {
            tracing::error!(line.id = %wanted.line_id, %error, "a line could not be changed");
            queries::finish_change(&mut tx, wanted.id, "unconfirmed", None, now).await?;
            job.complete(&mut tx).await?
        }
        Some(Err(error)) => {
            tracing::warn!(line.id = %wanted.line_id, %error, "a line could not be changed yet");
            let pause: Duration = waited / 2;
            job.again(&mut tx, now + pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)).await?
        }
    };
    tx.commit().await?;
    Ok(done)
}

/// The carrier said how the line stands: whether that is what was asked for. True while it has not shown yet.
pub(super) async fn confirm(
    conn: &mut PgConnection,
    line: &Line,
    state: Option<LineState>,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let Some(waiting) = queries::accepted_change(conn, line.id).await? else { return Ok(false) };
    let shows = match waiting.change.as_str() {
        "suspend" => state == Some(LineState::Suspended),
        _ => matches!(state, Some(LineState::Active | LineState::Depleted)),
    };
    let is_over = waiting.accepted_at.is_some_and(|at| now - at > PATIENCE);
    let end = if shows { "done" } else { "unconfirmed" };
    if shows || is_over {
        queries::finish_change(conn, waiting.id, end, None, now).await?;
    }
    Ok(!shows && !is_over)
}
