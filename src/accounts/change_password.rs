use super::{
    browser::Browser,
    error::Refusal,
    extract::begin_while_in,
    guard::Accounts,
    mails::{self, Changed},
    password::{self, Unfit, Verdict},
    queries::{self, AccountRow},
    rates,
    session::{self, First, Proof, SessionId, Stage},
};
use crate::{
    audit::{self, Act},
    web::Person,
};

pub struct Change<'a> {
    pub current: &'a str,
    pub new: &'a str,
    pub browser: &'a Browser,
    /// The session it is changed from.
    pub session: &'a SessionId,
}

/// Every session ends, this browser's too: it goes on with a new one. The password proves nothing to whoever guards the
/// account by more.
pub async fn change_password(accounts: &Accounts, person: &Person, change: Change<'_>) -> Result<SessionId, Refusal> {
    let account = by_password(accounts, person, &change).await?;
    if password::same(change.current, change.new) {
        return Err(Refusal::Unfit(Unfit::Unchanged));
    }
    accounts.accept_password(change.new, &[&account.email, &account.name]).await?;
    let hash = password::hash(change.new).await?;
    let now = accounts.clock.now();
    // Looking at a password takes a while: the undo link, or a new one by mail, may have ended every session.
    let (mut tx, _) = begin_while_in(&accounts.pool, person.id, change.session).await?;
    let ended = queries::set_password(&mut tx, account.id, &hash, now).await?;
    let has_own = queries::factors(&mut *tx, account.id).await?.has_own();
    let proof = if has_own { Proof::AsIn(change.session) } else { Proof::Given };
    let opened = (Stage::Whole, First::Password);
    let session = session::open(&mut tx, (account.id, change.browser), opened, proof).await?;
    let act = Act {
        at: now,
        actor: person.actor(),
        action: "account.password_changed",
        account: Some(account.id),
        subject: None,
        detail: serde_json::json!({ "sessions_ended": ended }),
    };
    audit::record(&mut *tx, act).await?;
    mails::security_changed(&mut tx, &accounts.base_url, &(&account).into(), Changed::Password, now).await?;
    tx.commit().await?;
    Ok(session)
}

/// Whoever sits at a browser that was left open does not know the password. Wrong ones count for the account, wherever they come from.
async fn by_password(accounts: &Accounts, person: &Person, change: &Change<'_>) -> Result<AccountRow, Refusal> {
    rates::may_prove(&accounts.pool, person.id, change.session).await?;
    let account = queries::account_by_id(&accounts.pool, person.id).await?.ok_or(Refusal::Wrong)?;
    if password::verify(change.current, account.password_hash.clone()).await? == Verdict::Wrong {
        return Err(Refusal::Wrong);
    }
    rates::proved(&accounts.pool, person.id, change.session).await?;
    Ok(account)
}
