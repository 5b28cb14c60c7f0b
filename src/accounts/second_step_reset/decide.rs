use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::note;
use crate::{
    accounts::{
        mails::{self, Changed},
        queries::{self, OpenReset},
        token::Purpose,
    },
    clock::Clock,
    ids::SecondStepResetId,
    web::Person,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Approve,
    Refuse,
}

impl OpenReset {
    /// Approved is nothing before its time, and nobody's own.
    pub fn may_be_approved_by(&self, person: &Person, now: OffsetDateTime) -> bool {
        self.ready_at <= now && self.account_id != person.id
    }
}

/// False where it was decided, stopped or is over meanwhile, or may not be approved (yet, or by this person).
pub async fn decide(
    pool: &PgPool,
    (clock, base_url): (&Clock, &str),
    admin: &Person,
    reset: SecondStepResetId,
    (decision, why): (Decision, &str),
) -> sqlx::Result<bool> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let Some(open) = queries::open_reset(&mut *tx, reset).await? else { return Ok(false) };
    queries::lock_account(&mut tx, open.account_id).await?;
    if decision == Decision::Approve && !open.may_be_approved_by(admin, now) {
        return Ok(false);
    }
    let (state, action) = match decision {
        Decision::Approve => ("approved", "account.second_step_reset_approved"),
        Decision::Refuse => ("refused", "account.second_step_reset_refused"),
    };
    if !queries::end_reset(&mut tx, open.id, (state, Some(admin.id), why), now).await? {
        return Ok(false);
    }
    queries::void_tokens(&mut tx, open.account_id, Purpose::CancelSecondStepReset, now).await?;
    note(&mut tx, &open, action, (admin.actor(), why), now).await?;
    match decision {
        Decision::Approve => take_off(&mut tx, base_url, &open, now).await?,
        Decision::Refuse => tell_refused(&mut tx, &open, now).await?,
    }
    tx.commit().await?;
    Ok(true)
}

/// All that was set up, and every session: the first factor alone leads on from here, to a code by mail or to a new app.
async fn take_off(conn: &mut PgConnection, base_url: &str, open: &OpenReset, now: OffsetDateTime) -> sqlx::Result<()> {
    queries::remove_totp(conn, open.account_id).await?;
    queries::remove_passkeys(conn, open.account_id).await?;
    queries::remove_recovery_codes(conn, open.account_id).await?;
    queries::end_sessions_of(conn, open.account_id, now).await?;
    mails::tell_of_change(conn, base_url, open.account_id, Changed::SecondStepRemoved, now).await
}

async fn tell_refused(conn: &mut PgConnection, open: &OpenReset, now: OffsetDateTime) -> sqlx::Result<()> {
    queries::end_half_sessions_of(conn, open.account_id).await?;
    let account = queries::account_by_id(&mut *conn, open.account_id).await?.ok_or(sqlx::Error::RowNotFound)?;
    mails::second_step_reset_refused(conn, &(&account).into(), now).await
}
