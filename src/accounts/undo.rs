//! A change to how an account is guarded can be taken back by whoever reads its mail, for 72 hours: the address that was
//! comes back, every session ends, the password is void and a link to set another one is mailed. What was set up within that
//! time goes: apps, keys, recovery codes, a telephone; closing the account and taking off its second step are stopped.
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{
    email::EmailAddress,
    error::Refusal,
    guard::Accounts,
    mails::{self, Recipient},
    queries::{self, AccountRow},
    second_step, second_step_reset,
    token::{self, Purpose},
};
use crate::{
    audit::{self, Act, Actor},
    clock::Clock,
};

const PURPOSE: Purpose = Purpose::UndoSecurity;

pub async fn is_open(pool: &PgPool, clock: &Clock, token: &str) -> sqlx::Result<bool> {
    token::is_open(pool, clock, token, PURPOSE).await
}

/// Gives the address that the account has again.
pub async fn undo(accounts: &Accounts, token: &str) -> Result<String, Refusal> {
    let (hash, now) = (token::hash(token), accounts.clock.now());
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let (account, before) = token::take(&mut tx, token, PURPOSE, now).await?;
    let email = before.as_deref().and_then(EmailAddress::parse).ok_or(Refusal::LinkExpired)?;
    if !queries::take_back(&mut tx, account.id, &email, now).await? {
        return Err(Refusal::LinkExpired);
    }
    forget_lately(&mut tx, &account, now).await?;
    queries::void_what_followed(&mut tx, account.id, &hash, now).await?;
    let ended = queries::end_sessions_of(&mut tx, account.id, now).await?;
    let act = Act {
        at: now,
        actor: Actor { id: Some(account.id), role: queries::role(&account.role).name() },
        action: "account.change_undone",
        account: Some(account.id),
        subject: None,
        detail: serde_json::json!({ "sessions_ended": ended, "email_was": account.email }),
    };
    audit::record(&mut *tx, act).await?;
    let to = Recipient { email: email.shown.clone(), ..(&account).into() };
    mails::reset_password(&mut tx, &accounts.base_url, &to, now).await?;
    tx.commit().await?;
    Ok(email.shown)
}

/// What somebody who had no business there may have set up, and begun.
async fn forget_lately(conn: &mut PgConnection, account: &AccountRow, now: OffsetDateTime) -> sqlx::Result<()> {
    queries::forget_new_ways(conn, account.id, now - PURPOSE.lifetime()).await?;
    queries::know_no_browser(conn, account.id).await?;
    second_step::forget_what_hung_on_it(conn, account.id).await?;
    queries::set_closing(conn, account.id, None).await?;
    second_step_reset::undone(conn, account, now).await
}
