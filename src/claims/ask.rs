//! A line is asked for by its ICCID or number. The same is done for every number - a row and a job are saved - so that
//! neither the answer nor its time tells what is in stock; the job finds out and sends the text.

use sqlx::PgPool;
use time::Duration;

use super::codes::{LIFETIME, salt};
use super::model::Numbered;
use super::{limits, queries, text};
use crate::clock::Clock;
use crate::ids::{AccountId, ClaimId};
use crate::jobs::{self, NewJob};
use crate::web::limits::Denied;

/// A second click within it sends no second text.
pub const JUST_NOW: Duration = Duration::minutes(1);

pub async fn ask(pool: &PgPool, clock: &Clock, account: AccountId, named: &Numbered) -> Result<ClaimId, Denied> {
    let now = clock.now();
    if let Some(claim) = queries::asked_since(pool, account, named, now - JUST_NOW).await? {
        return Ok(claim);
    }
    limits::may_ask(pool, account, named).await?;
    let mut tx = crate::db::begin(pool).await?;
    queries::take_turns(&mut tx, account).await?;
    // Of two clicks at once the second finds what the first has done.
    if let Some(claim) = queries::asked_since(&mut *tx, account, named, now - JUST_NOW).await? {
        return Ok(claim);
    }
    queries::replace_open(&mut tx, account, now).await?;
    let claim = ClaimId::new();
    queries::insert(&mut tx, claim, account, named, &salt(), (now, now + LIFETIME)).await?;
    let job = NewJob {
        kind: text::SEND_CODE,
        dedupe_key: claim.to_string(),
        payload: serde_json::json!({ "claim_id": claim }),
        run_at: now,
        max_attempts: 5,
    };
    jobs::enqueue(&mut tx, job).await?;
    tx.commit().await?;
    Ok(claim)
}
