use serde_json::json;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

use super::letter::{self, News};
use super::model::Purpose;
use super::queries::{self, NewOrder, ProfileOrder};
use super::run::ORDER_PROFILE;
use crate::accounts::Proven;
use crate::audit::{self, Act};
use crate::carriers::Carriers;
use crate::clock::Clock;
use crate::ids::{self, LineId};
use crate::jobs::{self, NewJob};
use crate::lines;
use crate::lines::model::{Line, Standing};
use crate::numbers::Eid;
use crate::paths::BaseUrl;

/// How many a customer may ask for in a day; each leaves something with the carrier.
const A_DAY: i64 = 3;
/// How long the end of an order is told on the line's page.
const TOLD_FOR: Duration = Duration::days(3);
const MATCHING_ID: usize = 26;

#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    #[error("nobody holds the line")]
    NoSuchLine,
    #[error("the carrier orders no profiles, or the line is not one that gets them")]
    NotPossible,
    #[error("another one is under way")]
    UnderWay,
    #[error("an order for the line is under way")]
    OrderOpen,
    #[error("too many in a day")]
    TooMany,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What somebody wants for a line.
pub struct Wish<'a> {
    pub line: LineId,
    pub purpose: Purpose,
    /// The new device's, where they looked it up.
    pub eid: Option<&'a Eid>,
    /// What staff say.
    pub reason: Option<&'a str>,
}

/// Whether such a line can get another profile at all.
pub fn possible(carriers: &Carriers, line: &Line, now: OffsetDateTime) -> bool {
    line.is_esim()
        && line.status != "terminated"
        && !matches!(line.standing(now), Standing::Lapsed(_))
        && carriers.profiles(&line.carrier).is_some()
}

/// The newest, if it has not ended or ended a short while ago.
pub async fn newest(pool: &PgPool, line: LineId, now: OffsetDateTime) -> sqlx::Result<Option<ProfileOrder>> {
    let newest = queries::of_line(pool, line).await?.into_iter().next();
    Ok(newest.filter(|order| order.finished_at.is_none_or(|at| now - at < TOLD_FOR)))
}

/// Saves what is wanted with the job that orders it, and tells the line's holder that somebody asked.
pub async fn request(
    pool: &PgPool,
    clock: &Clock,
    carriers: &Carriers,
    base_url: &BaseUrl,
    who: &Proven,
    wish: &Wish<'_>,
) -> Result<(), RequestError> {
    let (actor, now) = (who.person.actor(), clock.now());
    let mut tx = who.begin(pool).await?;
    let line = lines::lock(&mut tx, wish.line).await?.ok_or(RequestError::NoSuchLine)?;
    let server = carriers.profiles(&line.carrier).filter(|_| possible(carriers, &line, now));
    let terms = server.ok_or(RequestError::NotPossible)?.terms();
    if queries::has_open_order(&mut *tx, line.id).await? {
        return Err(RequestError::OrderOpen);
    }
    let asked = queries::asked_since(&mut *tx, line.id, now - Duration::DAY).await?;
    if actor.role == "customer" && asked >= A_DAY {
        return Err(RequestError::TooMany);
    }
    let (matching_id, code) = (ids::readable(MATCHING_ID), terms.confirmation_code.then(confirmation_code));
    let new = NewOrder {
        line: line.id,
        account: line.account_id,
        purpose: wish.purpose.as_str(),
        eid: wish.eid.map(Eid::as_str),
        old_iccid: &line.iccid,
        matching_id: &matching_id,
        confirmation_code: code.as_deref(),
        actor,
        reason: wish.reason,
    };
    let Some(id) = queries::insert(&mut tx, &new, now).await? else { return Err(RequestError::UnderWay) };
    let detail = json!({ "purpose": new.purpose, "eid": new.eid, "reason": new.reason });
    let subject = Some(("line", line.id.to_string()));
    let act = Act { at: now, actor, action: "profile.requested", account: Some(line.account_id), subject, detail };
    audit::record(&mut *tx, act).await?;
    letter::write(&mut tx, base_url, &line, News::Requested, now).await?;
    let (dedupe_key, payload) = (id.to_string(), json!({ "profile_order_id": id }));
    jobs::enqueue(&mut tx, NewJob { kind: ORDER_PROFILE, dedupe_key, payload, run_at: now, max_attempts: 100 }).await?;
    tx.commit().await?;
    Ok(())
}

/// Eight digits, as phones ask for them.
fn confirmation_code() -> String {
    let mut random = [0u8; 8];
    ids::fill_random(&mut random);
    random.iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}
