use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::{KEPT, note};
use crate::{
    accounts::{
        mails,
        queries::{self, OpenReset},
        token::Purpose,
    },
    audit::Actor,
    clock::Clock,
    ids::SecondStepResetId,
    jobs::{self, Claimed, Done, JobError, NewJob},
};

/// Writes to the owner again, a day later, for as long as nothing is decided.
pub const REMIND: &str = "remind-second-step-reset";

pub(super) async fn later(
    conn: &mut PgConnection,
    reset: SecondStepResetId,
    day: i64,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let job = NewJob {
        kind: REMIND,
        dedupe_key: format!("{reset}:{day}"),
        payload: json!({ "reset": reset, "day": day }),
        run_at: now + Duration::days(1),
        max_attempts: 10,
    };
    jobs::enqueue(conn, job).await
}

pub async fn remind(pool: &PgPool, clock: &Clock, base_url: &str, job: &Claimed) -> Result<Done, JobError> {
    let (reset, day): (SecondStepResetId, i64) = (job.field("reset")?, job.field("day")?);
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    if let Some(open) = locked(&mut tx, reset).await? {
        if open.asked_at + KEPT <= now {
            queries::end_reset(&mut tx, reset, ("expired", None, ""), now).await?;
            queries::void_tokens(&mut tx, open.account_id, Purpose::CancelSecondStepReset, now).await?;
            note(&mut tx, &open, "account.second_step_reset_expired", (Actor::SYSTEM, ""), now).await?;
        } else {
            let account = queries::account_by_id(&mut *tx, open.account_id).await?.ok_or(sqlx::Error::RowNotFound)?;
            mails::second_step_reset(&mut tx, base_url, &account, open.ready_at, now).await?;
            later(&mut tx, reset, day + 1, now).await?;
        }
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// The account first, as everybody who ends a request does.
async fn locked(conn: &mut PgConnection, reset: SecondStepResetId) -> sqlx::Result<Option<OpenReset>> {
    let Some(open) = queries::open_reset(&mut *conn, reset).await? else { return Ok(None) };
    queries::lock_account(conn, open.account_id).await?;
    queries::open_reset(conn, reset).await
}
