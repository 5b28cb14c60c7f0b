use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::note;
use crate::{
    accounts::{
        error::Refusal,
        guard::Accounts,
        queries::{self, AccountRow},
        token::{self, Purpose},
    },
    audit::Actor,
    clock::Clock,
};

const PURPOSE: Purpose = Purpose::CancelSecondStepReset;

pub async fn is_open(pool: &PgPool, clock: &Clock, token: &str) -> sqlx::Result<bool> {
    let account = queries::account_of_token(pool, &token::hash(token), PURPOSE, clock.now()).await?;
    let Some(account) = account else { return Ok(false) };
    Ok(queries::open_reset_of(pool, account.id).await?.is_some())
}

/// By the link of a mail. Whoever asked is shown the door: they know the password and were not meant to.
pub async fn cancel(accounts: &Accounts, token: &str) -> Result<(), Refusal> {
    let now = accounts.clock.now();
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let (account, _) = token::take(&mut tx, token, PURPOSE, now).await?;
    let open = queries::open_reset_of(&mut *tx, account.id).await?.ok_or(Refusal::LinkExpired)?;
    if !queries::end_reset(&mut tx, open.id, ("cancelled", None, ""), now).await? {
        return Err(Refusal::LinkExpired);
    }
    queries::void_tokens(&mut tx, account.id, PURPOSE, now).await?;
    queries::end_half_sessions_of(&mut tx, account.id).await?;
    note(&mut tx, &open, "account.second_step_reset_cancelled", (Actor::SYSTEM, "by a mailed link"), now).await?;
    Ok(tx.commit().await?)
}

/// Somebody came in with what was said to be lost.
pub async fn needless(conn: &mut PgConnection, account: &AccountRow, now: OffsetDateTime) -> sqlx::Result<()> {
    end(conn, account, ("needless", "account.second_step_reset_needless"), now).await
}

/// Its owner took back what was done to the account meanwhile.
pub async fn undone(conn: &mut PgConnection, account: &AccountRow, now: OffsetDateTime) -> sqlx::Result<()> {
    end(conn, account, ("cancelled", "account.second_step_reset_cancelled"), now).await
}

async fn end(
    conn: &mut PgConnection,
    account: &AccountRow,
    (state, action): (&str, &'static str),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let Some(open) = queries::open_reset_of(&mut *conn, account.id).await? else { return Ok(()) };
    if queries::end_reset(conn, open.id, (state, None, ""), now).await? {
        queries::void_tokens(conn, account.id, PURPOSE, now).await?;
        let actor = Actor { id: Some(account.id), role: queries::role(&account.role).name() };
        note(conn, &open, action, (actor, ""), now).await?;
    }
    Ok(())
}
