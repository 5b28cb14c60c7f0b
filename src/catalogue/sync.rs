use anyhow::anyhow;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::{margin, queries, see_credit};
use crate::audit::{self, Act, Actor};
use crate::carriers::{CarrierError, Carriers, Facts, Offer};
use crate::clock::Clock;
use crate::jobs::{self, Claimed, Done, JobError, NewJob};
use crate::plans;

/// Asks a carrier what it sells and what credit is left with it, once a day. `{carrier}`
pub const JOB: &str = "sync-catalogue";

const EVERY: Duration = Duration::DAY;
const AFTER_TROUBLE: Duration = Duration::HOUR;

/// What one look at a carrier's catalogue came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    pub offers: usize,
    /// Plans whose product the carrier sells no more.
    pub withdrawn: usize,
}

pub async fn schedule(pool: &PgPool, clock: &Clock, carriers: &Carriers) -> sqlx::Result<()> {
    let mut conn = pool.acquire().await?;
    for carrier in carriers.codes() {
        let payload = json!({ "carrier": carrier });
        let (dedupe_key, run_at) = (carrier.to_owned(), clock.now());
        jobs::enqueue(&mut conn, NewJob { kind: JOB, dedupe_key, payload, run_at, max_attempts: i32::MAX }).await?;
    }
    Ok(())
}

pub async fn run(pool: &PgPool, clock: &Clock, carriers: &Carriers, job: &Claimed) -> Result<Done, JobError> {
    let carrier: String = job.field("carrier")?;
    look_at_credit(pool, clock, carriers, &carrier).await?;
    let pause = match fetch(pool, clock, carriers, &carrier).await {
        Ok(fetched) => {
            tracing::info!(%carrier, fetched.offers, fetched.withdrawn, "asked a carrier what it sells");
            EVERY
        }
        Err(error) => {
            tracing::warn!(%carrier, error = format!("{error:#}"), "a carrier did not say what it sells");
            AFTER_TROUBLE
        }
    };
    let mut tx = crate::db::begin(pool).await?;
    let done = job.again(&mut tx, clock.now() + pause).await?;
    tx.commit().await?;
    Ok(done)
}

/// Where it can't be told, it is told another day.
async fn look_at_credit(pool: &PgPool, clock: &Clock, carriers: &Carriers, carrier: &str) -> sqlx::Result<()> {
    let Ok(connection) = carriers.get(carrier) else { return Ok(()) };
    match connection.ask(clock.now(), connection.carrier.credit()).await {
        Ok(credit) => see_credit(pool, carrier, credit, clock.now()).await,
        Err(error) => {
            tracing::info!(carrier, %error, "a carrier did not say what credit is left");
            Ok(())
        }
    }
}

/// Takes over what the carrier sells now: new offers become drafts, what is gone is sold no more from this moment.
/// A carrier that names nothing at all has not said that it sells nothing.
pub async fn fetch(pool: &PgPool, clock: &Clock, carriers: &Carriers, carrier: &str) -> anyhow::Result<Fetched> {
    let connection = carriers.get(carrier)?;
    let offers = connection.ask(clock.now(), connection.carrier.offers(None)).await?;
    if offers.is_empty() {
        return match queries::knows_offers(pool, carrier).await? {
            true => Err(anyhow!(CarrierError::unknown("an empty catalogue"))),
            false => Ok(Fetched::default()),
        };
    }
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    queries::save_offers(&mut tx, carrier, connection.carrier.facts(), &offers, now).await?;
    let withdrawn = withdraw_gone(&mut tx, carrier, now).await?;
    margin::watch(&mut tx, carrier, now).await?;
    tx.commit().await?;
    Ok(Fetched { offers: offers.len(), withdrawn })
}

async fn withdraw_gone(conn: &mut PgConnection, carrier: &str, now: OffsetDateTime) -> sqlx::Result<usize> {
    let gone = queries::mark_gone(&mut *conn, carrier, now).await?;
    let withdrawn = plans::withdraw(&mut *conn, carrier, &gone, now).await?;
    for plan in &withdrawn {
        let (actor, subject) = (Actor::SYSTEM, Some(("plan", plan.clone())));
        let detail = json!({ "carrier": carrier, "why": "the carrier sells it no more" });
        let act = Act { at: now, actor, action: "plan.withdrawn", account: None, subject, detail };
        audit::record(&mut *conn, act).await?;
    }
    Ok(withdrawn.len())
}

/// The protocol's own word where the offer has none.
pub(super) fn effect(facts: &Facts, offer: &Offer) -> Option<&'static str> {
    offer.effect.or(facts.effect).map(|effect| effect.as_str())
}
