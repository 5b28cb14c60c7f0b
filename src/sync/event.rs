//! What follows from a carrier's notice. It is a hint and never a figure: the carrier is asked, and what it answers counts.

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::queries::{self, Event};
use super::run::SYNC;
use crate::catalogue::{self, Alert};
use crate::clock::Clock;
use crate::ids::LineId;
use crate::jobs::{self, Claimed, Done, JobError, NewJob};
use crate::{lines, provisioning};

/// Acts on a stored notice: `{event_id}`.
pub const CARRIER_EVENT: &str = "carrier-event";

pub(super) async fn enqueue(conn: &mut PgConnection, id: i64, now: OffsetDateTime) -> sqlx::Result<()> {
    let (dedupe_key, payload) = (id.to_string(), json!({ "event_id": id }));
    jobs::enqueue(conn, NewJob { kind: CARRIER_EVENT, dedupe_key, payload, run_at: now, max_attempts: 100 }).await
}

pub async fn act(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let id: i64 = job.field("event_id")?;
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let missing = || JobError::fail(anyhow::anyhow!("no carrier event {id}"));
    let event = queries::lock_event(&mut tx, id).await?.ok_or_else(missing)?;
    if event.processed_at.is_none() {
        let line = line_of(&mut tx, &event).await?;
        let outcome = follow(&mut tx, &event, line, now).await?;
        queries::finish_event(&mut tx, id, line, outcome, now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

async fn line_of(conn: &mut PgConnection, event: &Event) -> sqlx::Result<Option<LineId>> {
    lines::find_held(conn, &event.carrier, event.carrier_line_id.as_deref(), event.iccid.as_deref()).await
}

async fn follow(
    conn: &mut PgConnection,
    event: &Event,
    line: Option<LineId>,
    now: OffsetDateTime,
) -> sqlx::Result<&'static str> {
    if event.kind == "low_credit" {
        metrics::counter!("carrier_low_credit_total", "carrier" => event.carrier.clone()).increment(1);
        let told = "the carrier tells so";
        catalogue::raise(&mut *conn, Alert::LowCredit, &event.carrier, "", told, now).await?;
        jobs::hurry(conn, catalogue::JOB, &event.carrier, now).await?;
        return Ok("told");
    }
    if event.kind == "renewal"
        && provisioning::hurry(conn, &event.carrier, event.reference.as_deref(), line, now).await?
    {
        return Ok("asked_after_renewal");
    }
    if event.kind == "download" {
        return Ok("told");
    }
    if event.kind == "installed" {
        let Some(line) = line else { return Ok("unknown_line") };
        lines::set_installed(conn, line, now).await?;
        return Ok("installed");
    }
    if event.kind == "other" {
        tracing::warn!(carrier = %event.carrier, event = event.id, word = event.word, "a notice of a kind we don't know");
    }
    let Some(line) = line else { return Ok("unknown_line") };
    lines::sync_now(conn, line, now).await?;
    jobs::hurry(conn, SYNC, &event.carrier, now).await?;
    Ok("line_asked_after")
}
