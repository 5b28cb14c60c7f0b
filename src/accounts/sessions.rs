//! Where an account is signed in, and signing out elsewhere.
use sqlx::PgPool;

use super::{browser::Browser, error::Refusal, extract::Proven, guard::Accounts, queries, token::Purpose};
use crate::{
    audit::{self, Act},
    clock::Clock,
    ids::{AccountId, SignInId},
    web::Person,
};

/// False where the person has no such session any more. An address that waits to be confirmed may have been asked for there.
pub async fn end(accounts: &Accounts, who: &Proven, session: SignInId) -> Result<bool, Refusal> {
    let mut tx = who.begin(&accounts.pool).await?;
    if !queries::end_one_of(&mut tx, who.person.id, session).await? {
        return Ok(false);
    }
    queries::void_tokens(&mut tx, who.person.id, Purpose::ChangeEmail, accounts.clock.now()).await?;
    audit::record(&mut *tx, ended(accounts, &who.person, 1)).await?;
    tx.commit().await?;
    Ok(true)
}

/// All but the one it is asked from. What others have begun there ends: no other browser is spared the second step, and an
/// address that waits to be confirmed waits in vain.
pub async fn end_others(accounts: &Accounts, who: &Proven, browser: &Browser) -> Result<(), Refusal> {
    let person = &who.person;
    let mut tx = who.begin(&accounts.pool).await?;
    queries::trust_no_other(&mut tx, person.id, browser).await?;
    queries::void_tokens(&mut tx, person.id, Purpose::ChangeEmail, accounts.clock.now()).await?;
    let count = queries::end_others_of(&mut tx, person.id, &who.session.hash()).await?;
    audit::record(&mut *tx, ended(accounts, person, count)).await?;
    Ok(tx.commit().await?)
}

/// Every one of a customer's, by whoever of the staff was called for help.
pub async fn end_all(pool: &PgPool, clock: &Clock, staff: &Person, account: AccountId) -> sqlx::Result<()> {
    let mut tx = crate::db::begin(pool).await?;
    queries::lock_account(&mut tx, account).await?;
    let count = queries::end_sessions_of(&mut tx, account, clock.now()).await?;
    let act = Act {
        at: clock.now(),
        actor: staff.actor(),
        action: "account.sessions_ended",
        account: Some(account),
        subject: None,
        detail: serde_json::json!({ "sessions_ended": count }),
    };
    audit::record(&mut *tx, act).await?;
    tx.commit().await
}

fn ended(accounts: &Accounts, person: &Person, count: u64) -> Act<'static> {
    Act {
        at: accounts.clock.now(),
        actor: person.actor(),
        action: "account.sessions_ended",
        account: Some(person.id),
        subject: None,
        detail: serde_json::json!({ "sessions_ended": count }),
    }
}
