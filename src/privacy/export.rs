//! Everything that is kept of a person, in one file for that person alone, for a day.

use super::queries::{self, SECTIONS};
use crate::accounts::{self, Proven};
use crate::audit::{self, Act};
use crate::calendar;
use crate::clock::Clock;
use crate::ids::{AccountId, ExportId};
use crate::jobs::{self, Claimed, Done, JobError, NewJob};
use crate::paths::{self, BaseUrl};
use crate::web::Person;
use crate::web::limits::{Denied, Rate, allow};
use serde_json::{Map, Value, json};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

/// The job that puts the file together.
pub const MAKE: &str = "make-export";
/// The job that takes it away again.
pub const DROP: &str = "drop-export";

pub const LIFETIME: Duration = Duration::hours(24);
const PER_ACCOUNT: (&str, Rate) = ("export account", Rate { at_once: 2, one_per: 43_200 });

/// One that is being made already is waited for; a new one replaces the one before.
pub async fn ask(pool: &PgPool, clock: &Clock, who: &Proven) -> Result<(), Denied> {
    let person = &who.person;
    if queries::export_under_way(pool, person.id).await? {
        return Ok(());
    }
    allow(pool, PER_ACCOUNT.0, &person.id.to_string(), PER_ACCOUNT.1).await?;
    let (id, now) = (ExportId::new(), clock.now());
    let mut tx = who.begin(pool).await?;
    queries::drop_exports_of(&mut tx, person.id).await?;
    queries::insert_export(&mut tx, id, person.id, now).await?;
    jobs::enqueue(&mut tx, job(MAKE, id, now)).await?;
    audit::record(&mut *tx, act(person, id, "account.export_asked", now)).await?;
    Ok(tx.commit().await?)
}

pub async fn make(pool: &PgPool, clock: &Clock, base_url: &BaseUrl, job_: &Claimed) -> Result<Done, JobError> {
    let (id, now): (ExportId, _) = (job_.field("export_id")?, clock.now());
    let mut tx = crate::db::begin(pool).await?;
    // One that was replaced, or whose account was closed, is nobody's any more.
    if let Some(account) = queries::account_of_export(&mut tx, id).await? {
        let text = serde_json::to_string_pretty(&content(&mut tx, account, now).await?).map_err(JobError::fail)?;
        queries::fill_export(&mut tx, id, &text, now, now + LIFETIME).await?;
        jobs::enqueue(&mut tx, job(DROP, id, now + LIFETIME)).await?;
        accounts::write_to(&mut tx, account, "export", &[], base_url.to(paths::MY_DATA), now).await?;
    }
    let done = job_.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

async fn content(conn: &mut PgConnection, account: AccountId, now: OffsetDateTime) -> sqlx::Result<Value> {
    let mut all = Map::new();
    all.insert("made_at".into(), calendar::rfc3339(&now).into());
    all.insert(
        "left_out".into(),
        json!([
            "passwords and other secrets",
            "codes that install a line",
            "codes and links in messages",
            "identity details, which your account shows",
        ]),
    );
    for (name, sql) in SECTIONS {
        all.insert((*name).into(), queries::section(conn, sql, account).await?);
    }
    Ok(Value::Object(all))
}

/// The file, which its owner alone gets; that it was fetched is written down.
pub async fn fetch(pool: &PgPool, clock: &Clock, person: &Person, id: ExportId) -> sqlx::Result<Option<String>> {
    let now = clock.now();
    let Some(text) = queries::export_content(pool, id, person.id, now).await? else { return Ok(None) };
    audit::record(pool, act(person, id, "account.export_fetched", now)).await?;
    Ok(Some(text))
}

pub async fn drop(pool: &PgPool, job: &Claimed) -> Result<Done, JobError> {
    let mut tx = crate::db::begin(pool).await?;
    queries::drop_export(&mut tx, job.field("export_id")?).await?;
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

fn job(kind: &'static str, id: ExportId, run_at: OffsetDateTime) -> NewJob {
    NewJob { kind, dedupe_key: id.to_string(), payload: json!({ "export_id": id }), run_at, max_attempts: 20 }
}

fn act(person: &Person, id: ExportId, action: &'static str, at: OffsetDateTime) -> Act<'static> {
    let subject = Some(("export", id.to_string()));
    Act { at, actor: person.actor(), action, account: Some(person.id), subject, detail: json!({}) }
}
