//! A new address proves itself by a mailed link; the one it replaces is told twice, each time with a link that stops it. An
//! owner may also come back to an address that was: then those that came after it are worth nothing, a thief's most of all.
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::{
    email::{self, EmailAddress},
    error::Refusal,
    extract::Proven,
    guard::Accounts,
    mails::{self, Changed, Recipient},
    queries::{self, AccountRow},
    rates::{self, Place},
    token::{self, Purpose},
};
use crate::{
    audit::{self, Act, Actor},
    clock::Clock,
};

const PURPOSE: Purpose = Purpose::ChangeEmail;

/// How long links to set a password go to the address that was as well: whoever took an account over does not have it alone.
const COOL_DOWN: Duration = Duration::hours(24);

/// Whether the address has an account already is said to that address only.
pub async fn ask(accounts: &Accounts, who: &Proven, email: &EmailAddress, client: &str) -> Result<(), Refusal> {
    rates::may_cause_mail(&accounts.pool, &email.key, Place::anywhere(client)).await?;
    let (now, base_url) = (accounts.clock.now(), &accounts.base_url);
    let mut tx = who.begin(&accounts.pool).await?;
    let account = queries::account_by_id(&mut *tx, who.person.id).await?.ok_or(Refusal::Wrong)?;
    queries::void_tokens(&mut tx, account.id, PURPOSE, now).await?;
    let taken = queries::account_by_email(&mut *tx, &email.key).await?;
    let kept_back = queries::kept_back_until(&mut *tx, &email.key, Some(account.id), now).await?;
    match (taken, kept_back) {
        (Some(taken), _) => mails::already_registered(&mut tx, base_url, &(&taken).into(), now).await?,
        (None, Some(until)) => {
            mails::address_kept_back(&mut tx, (&email.shown, account.language()), until, now).await?;
        }
        (None, None) => {
            mails::confirm_new_address(&mut tx, base_url, &(&account).into(), &email.shown, now).await?;
        }
    }
    let asked = Changed::EmailAsked { new: &email.shown };
    mails::security_changed(&mut tx, base_url, &(&account).into(), asked, now).await?;
    let detail = serde_json::json!({ "to": email.shown });
    audit::record(&mut *tx, act(accounts, &account, "account.email_change_asked", detail)).await?;
    Ok(tx.commit().await?)
}

pub async fn is_open(pool: &PgPool, clock: &Clock, token: &str) -> sqlx::Result<bool> {
    token::is_open(pool, clock, token, PURPOSE).await
}

/// Gives the address that the account has now.
pub async fn confirm(accounts: &Accounts, token: &str) -> Result<String, Refusal> {
    let (now, base_url) = (accounts.clock.now(), &accounts.base_url);
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let (account, new) = token::take(&mut tx, token, PURPOSE, now).await?;
    let email = new.as_deref().and_then(EmailAddress::parse).ok_or(Refusal::LinkExpired)?;
    let ways = queries::ways_back(&mut *tx, &account, now).await?;
    let older: Vec<_> = ways.into_iter().map(|(email, _)| email).collect();
    let comes_back = older.iter().any(|older| email::key(older) == email.key);
    let kept_back = queries::kept_back_until(&mut *tx, &email.key, Some(account.id), now).await?;
    let cool_down = (!comes_back).then_some(now + COOL_DOWN);
    if kept_back.is_some() || !queries::change_email(&mut tx, account.id, &email, now, cool_down).await? {
        return Err(Refusal::LinkExpired);
    }
    queries::void_tokens(&mut tx, account.id, Purpose::ResetPassword, now).await?;
    let detail = serde_json::json!({ "from": account.email, "to": email.shown });
    audit::record(&mut *tx, act(accounts, &account, "account.email_changed", detail)).await?;
    match comes_back {
        true => queries::void_ways_back_since(&mut tx, account.id, &email.key, now).await?,
        false => tell(&mut tx, base_url, &account, (&email, older), now).await?,
    }
    let to = Recipient { email: email.shown.clone(), ..(&account).into() };
    mails::address_is_yours(&mut tx, &to, now).await?;
    tx.commit().await?;
    Ok(email.shown)
}

/// Who can take it back: the address that is replaced, and those before it while they still can.
async fn tell(
    conn: &mut PgConnection,
    base_url: &str,
    account: &AccountRow,
    (new, older): (&EmailAddress, Vec<String>),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let changed = Changed::Email { new: &new.shown };
    for email in older.into_iter().chain([account.email.clone()]) {
        let to = Recipient { email, ..account.into() };
        mails::security_changed(&mut *conn, base_url, &to, changed, now).await?;
    }
    Ok(())
}

fn act(accounts: &Accounts, account: &AccountRow, action: &'static str, detail: serde_json::Value) -> Act<'static> {
    Act {
        at: accounts.clock.now(),
        actor: Actor { id: Some(account.id), role: queries::role(&account.role).name() },
        action,
        account: Some(account.id),
        subject: None,
        detail,
    }
}
