//! Giving a factor: the second one at the door, or one once more by somebody who is signed in.
use serde_json::json;
use sqlx::PgConnection;

use super::{
    Way,
    code::{self, To},
    recovery, totp,
};
use crate::{
    accounts::{
        at_home,
        browser::Browser,
        error::Refusal,
        guard::Accounts,
        mails::{self, Changed},
        password::{self, Verdict},
        queries::{self, AccountRow},
        rates,
        recognise::Halfway,
        second_step_reset,
        session::{self, First, SessionId, Stage},
    },
    audit::{self, Act, Actor},
    ids::AccountId,
    web::Person,
};

/// What was given at the door, and where.
pub struct Passed<'a> {
    pub session: &'a SessionId,
    pub given: &'a str,
    /// One that has a new token of trust is asked for no second step for a while.
    pub browser: &'a Browser,
}

pub async fn way_of(accounts: &Accounts, halfway: &Halfway) -> sqlx::Result<Way> {
    Ok(queries::factors(&accounts.pool, halfway.person.id).await?.after(halfway.first))
}

/// Mails a code where that is what comes next.
pub async fn begin(
    conn: &mut PgConnection,
    accounts: &Accounts,
    session: &SessionId,
    (person, first): (AccountId, First),
) -> sqlx::Result<()> {
    if queries::factors(&mut *conn, person).await?.after(first) == Way::Mail {
        code::ask(conn, &accounts.clock, &session.hash(), To::Account(person)).await?;
    }
    Ok(())
}

/// Another code to the same mailbox; the one before is worth nothing then.
pub async fn mail_code(accounts: &Accounts, session: &SessionId, person: &Person, client: &str) -> Result<(), Refusal> {
    rates::may_mail_account(&accounts.pool, person.id, client).await?;
    let mut conn = accounts.pool.acquire().await?;
    Ok(code::ask(&mut conn, &accounts.clock, &session.hash(), To::Account(person.id)).await?)
}

/// Signs in whoever gives the second factor, under a new session.
pub async fn pass(accounts: &Accounts, halfway: &Halfway, passed: Passed<'_>) -> Result<SessionId, Refusal> {
    let person = &halfway.person;
    let way = way_of(accounts, halfway).await?;
    let place = at_home::place(&accounts.pool, Some(person.id), passed.browser).await?;
    if let Err(denied) = rates::may_try_second_step(&accounts.pool, person.id, place).await {
        warn(accounts, person).await?;
        return Err(denied.into());
    }
    if !is_right(accounts, person, passed.session, way, passed.given).await? {
        return Err(Refusal::wrong_at("second step", Some(person.id), &passed.browser.client));
    }
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let account = queries::lock_account(&mut tx, person.id).await?.ok_or(Refusal::Wrong)?;
    // While the factor was looked at more may have come to be asked for; a new password, or its owner, may have ended the session.
    let factors = queries::factors(&mut *tx, person.id).await?;
    if factors.after(halfway.first) != way || !queries::end_session(&mut *tx, &passed.session.hash()).await? {
        return Err(Refusal::Wrong);
    }
    let (opened, proof) = ((Stage::Whole, halfway.first), factors.proven_by(halfway.first, Some(way)));
    let session = session::open(&mut tx, (person.id, passed.browser), opened, proof).await?;
    let by = format!("{}+{}", halfway.first.name(), way.name());
    arrive(&mut tx, accounts, &account, passed.browser, &by).await?;
    queries::trust(&mut tx, person.id, passed.browser).await?;
    tx.commit().await?;
    rates::passed_second_step(&accounts.pool, person.id, place).await?;
    Ok(session)
}

/// A factor once more, before what must not be done at a browser that was left open.
pub async fn prove(
    accounts: &Accounts,
    person: &Person,
    session: &SessionId,
    (given, client): (&str, &str),
) -> Result<(), Refusal> {
    let way = queries::factors(&accounts.pool, person.id).await?.again();
    rates::may_prove(&accounts.pool, person.id, session).await?;
    if !is_right(accounts, person, session, way, given).await? {
        return Err(Refusal::wrong_at("proof", Some(person.id), client));
    }
    let mut tx = crate::db::begin(&accounts.pool).await?;
    queries::lock_account(&mut tx, person.id).await?.ok_or(Refusal::Wrong)?;
    // An app may have been set up while the password was looked at.
    if queries::factors(&mut *tx, person.id).await?.again() != way {
        return Err(Refusal::Wrong);
    }
    queries::session_proven(&mut *tx, &session.hash()).await?;
    tx.commit().await?;
    Ok(rates::proved(&accounts.pool, person.id, session).await?)
}

async fn is_right(
    accounts: &Accounts,
    person: &Person,
    session: &SessionId,
    way: Way,
    given: &str,
) -> Result<bool, Refusal> {
    match way {
        Way::Mail => {
            let asked_by = session.hash();
            let right = code::check(accounts, &asked_by, given).await?.filter(|right| right.account == person.id);
            let Some(right) = right else { return Ok(false) };
            Ok(right.take(&mut *accounts.pool.acquire().await?, &accounts.clock).await?)
        }
        // Six digits are an app's; whatever else is typed can only be a recovery code.
        Way::App if given.chars().filter(|c| !c.is_whitespace()).all(|c| c.is_ascii_digit()) => {
            totp::check(accounts, person.id, given).await
        }
        Way::App | Way::Passkey => recovery::check(accounts, person.id, given).await,
        Way::Password => {
            let account = queries::account_by_id(&accounts.pool, person.id).await?;
            let verdict = password::verify(given, account.and_then(|account| account.password_hash)).await?;
            Ok(verdict != Verdict::Wrong)
        }
    }
}

/// Somebody is in, by these factors: written down, and told by mail where the browser is new.
pub async fn arrive(
    conn: &mut PgConnection,
    accounts: &Accounts,
    account: &AccountRow,
    browser: &Browser,
    by: &str,
) -> sqlx::Result<()> {
    let now = accounts.clock.now();
    second_step_reset::needless(&mut *conn, account, now).await?;
    if queries::meets_new_browser(&mut *conn, account.id, browser).await? {
        let from = Changed::NewBrowser { browser };
        mails::security_changed(&mut *conn, &accounts.base_url, &account.into(), from, now).await?;
    }
    let act = Act {
        at: now,
        actor: Actor { id: Some(account.id), role: queries::role(&account.role).name() },
        action: "account.signed_in",
        account: Some(account.id),
        subject: None,
        detail: json!({ "by": by }),
    };
    audit::record(conn, act).await
}

/// Somebody knows the first factor and not the second: its owner is told once a day.
async fn warn(accounts: &Accounts, person: &Person) -> Result<(), Refusal> {
    if rates::may_warn(&accounts.pool, person.id).await.is_err() {
        return Ok(());
    }
    let Some(account) = queries::account_by_id(&accounts.pool, person.id).await? else { return Ok(()) };
    let mut tx = crate::db::begin(&accounts.pool).await?;
    mails::second_step_failed(&mut tx, &accounts.base_url, &(&account).into(), accounts.clock.now()).await?;
    Ok(tx.commit().await?)
}
