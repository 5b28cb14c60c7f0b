use sqlx::PgConnection;

use super::{note, remind};
use crate::{
    accounts::{
        error::Refusal,
        extract::begin_while_in,
        guard::Accounts,
        mails,
        queries::{self, AccountRow, OpenReset},
        rates,
        session::SessionId,
    },
    ids::{AccountId, SecondStepResetId},
    web::Person,
};

/// The request that is open for somebody.
pub async fn standing(accounts: &Accounts, account: AccountId) -> sqlx::Result<Option<OpenReset>> {
    queries::open_reset_of(&accounts.pool, account).await
}

/// One that is open already is not opened again, and its time does not begin anew. [`Refusal::Wrong`]: nothing is set up
/// that could be lost.
pub async fn ask(
    accounts: &Accounts,
    (person, session): (&Person, &SessionId),
    client: &str,
) -> Result<OpenReset, Refusal> {
    if let Some(open) = standing(accounts, person.id).await? {
        return Ok(open);
    }
    if !queries::factors(&accounts.pool, person.id).await?.has_own() {
        return Err(Refusal::Wrong);
    }
    rates::may_ask_for_reset(&accounts.pool, person.id).await?;
    let (mut tx, _) = begin_while_in(&accounts.pool, person.id, session).await?;
    let account = queries::account_by_id(&mut *tx, person.id).await?.ok_or(Refusal::Wrong)?;
    let open = open(&mut tx, accounts, &account, (person, client)).await?;
    tx.commit().await?;
    Ok(open)
}

async fn open(
    conn: &mut PgConnection,
    accounts: &Accounts,
    account: &AccountRow,
    (person, client): (&Person, &str),
) -> Result<OpenReset, Refusal> {
    let (id, now) = (SecondStepResetId::new(), accounts.clock.now());
    // Whoever had the address before can undo its change for a while: nothing is taken off under them.
    let ways = queries::ways_back(&mut *conn, account, now).await?;
    let ready = ways.iter().map(|(_, until)| *until).fold(now + accounts.reset_wait, Ord::max);
    let is_new = queries::insert_reset(conn, id, account.id, client, (now, ready)).await?;
    let open = queries::open_reset_of(&mut *conn, account.id).await?.ok_or(Refusal::Wrong)?;
    if is_new {
        note(conn, &open, "account.second_step_reset_asked", (person.actor(), ""), now).await?;
        mails::second_step_reset(conn, &accounts.base_url, account, open.ready_at, now).await?;
        remind::later(conn, id, 1, now).await?;
    }
    Ok(open)
}
