use sqlx::{PgConnection, PgPool};

use super::{
    at_home,
    browser::Browser,
    email,
    error::Refusal,
    guard::Accounts,
    password::{self, Verdict},
    queries::{self, AccountRow},
    rates, second_step,
    session::{self, First, SessionId, Stage},
};
use crate::web::Role;

pub struct Attempt<'a> {
    pub email: &'a str,
    pub password: &'a str,
    pub browser: &'a Browser,
    /// The staff's door opens for staff only.
    pub staff_door: bool,
    /// The session this browser had before, which ends: its id may have been planted.
    pub replaces: Option<&'a SessionId>,
}

#[derive(Debug)]
pub struct Admitted {
    pub session: SessionId,
    pub role: Role,
    pub stage: Stage,
}

/// The look-up, limits, then always one password's worth of work: an unknown address takes as long as a wrong password.
pub async fn sign_in(accounts: &Accounts, attempt: Attempt<'_>) -> Result<Admitted, Refusal> {
    let pool = &accounts.pool;
    let account = queries::account_by_email(pool, &email::key(attempt.email)).await?;
    let whose = account.as_ref().map(|account| account.id);
    let place = at_home::place(pool, whose, attempt.browser).await?;
    rates::may_sign_in(pool, attempt.email, place).await?;
    let stored = account.as_ref().and_then(|account| account.password_hash.clone());
    let verdict = password::verify(attempt.password, stored).await?;
    let refused = |whose| Refusal::wrong_at("password", whose, &attempt.browser.client);
    let account = account.filter(|_| verdict != Verdict::Wrong).ok_or_else(|| refused(whose))?;
    if attempt.staff_door && !queries::role(&account.role).is_staff() {
        return Err(refused(whose));
    }
    let current = match verdict {
        Verdict::RightButOld => rehashed(pool, &account, attempt.password).await?,
        _ => account.password_hash.clone(),
    };
    let mut tx = crate::db::begin(pool).await?;
    // Looking at a password takes a while: another may have been set meanwhile, and every session of the old one ended.
    let locked = queries::lock_account(&mut tx, account.id).await?.ok_or(Refusal::Wrong)?;
    if locked.password_hash != current {
        return Err(refused(whose));
    }
    let admitted = admit(&mut tx, accounts, &locked, First::Password, (attempt.browser, attempt.replaces)).await?;
    tx.commit().await?;
    rates::signed_in(pool, attempt.email, place).await?;
    Ok(admitted)
}

/// What is stored by now, if nobody has set another one.
async fn rehashed(pool: &PgPool, account: &AccountRow, typed: &str) -> Result<Option<String>, Refusal> {
    let Some(old) = &account.password_hash else { return Ok(None) };
    let new = password::hash(typed).await?;
    queries::rehash_password(&mut *pool.acquire().await?, account.id, old, &new).await?;
    Ok(Some(new))
}

/// The first factor was right: in, or as far as the second step. The one way in.
pub async fn admit(
    conn: &mut PgConnection,
    accounts: &Accounts,
    account: &AccountRow,
    first: First,
    (browser, replaces): (&Browser, Option<&SessionId>),
) -> sqlx::Result<Admitted> {
    if let Some(before) = replaces {
        queries::end_session(&mut *conn, &before.hash()).await?;
    }
    let (stage, proof) = second_step::stage_after(&mut *conn, accounts.second_step, account.id, first, browser).await?;
    let session = session::open(&mut *conn, (account.id, browser), (stage, first), proof).await?;
    let role = queries::role(&account.role);
    match stage {
        Stage::Whole => second_step::arrive(&mut *conn, accounts, account, browser, first.name()).await?,
        Stage::SecondStep => second_step::begin(&mut *conn, accounts, &session, (account.id, first)).await?,
    }
    Ok(Admitted { session, role, stage })
}
