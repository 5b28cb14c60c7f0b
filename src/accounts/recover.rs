//! A forgotten password. Asking does the same work for every address - one job is saved - so that neither the answer nor
//! its time tells who has an account; the job finds out and mails the link.
use sqlx::PgPool;

use super::{
    at_home,
    browser::Browser,
    email,
    error::Refusal,
    guard::Accounts,
    mails::{self, Changed},
    password, queries, rates,
    token::{self, Purpose},
};
use crate::{
    audit::{self, Act, Actor},
    clock::Clock,
    jobs::{self, Claimed, Done, JobError, NewJob},
};

const PURPOSE: Purpose = Purpose::ResetPassword;

/// The job that mails a reset link to whoever has the address.
pub const MAIL_LINK: &str = "mail-reset-link";

pub async fn ask(pool: &PgPool, clock: &Clock, address: &str, browser: &Browser) -> Result<(), Refusal> {
    at_home::may_cause_mail(pool, address, browser).await?;
    let job = NewJob {
        kind: MAIL_LINK,
        dedupe_key: uuid::Uuid::now_v7().to_string(),
        payload: serde_json::json!({ "email_key": email::key(address) }),
        run_at: clock.now(),
        max_attempts: 5,
    };
    let mut tx = crate::db::begin(pool).await?;
    jobs::enqueue(&mut tx, job).await?;
    Ok(tx.commit().await?)
}

pub async fn mail_link(pool: &PgPool, clock: &Clock, base_url: &str, job: &Claimed) -> Result<Done, JobError> {
    let email_key: String = job.field("email_key")?;
    let mut tx = crate::db::begin(pool).await?;
    if let Some(account) = queries::account_to_recover(&mut *tx, &email_key, clock.now()).await? {
        mails::reset_password(&mut tx, base_url, &(&account).into(), clock.now()).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

pub async fn is_open(pool: &PgPool, clock: &Clock, token: &str) -> sqlx::Result<bool> {
    token::is_open(pool, clock, token, PURPOSE).await
}

/// The token is used up by success only: a password that was refused can be typed again. Gives whose password it is.
pub async fn reset(accounts: &Accounts, token: &str, new: &str, client: &str) -> Result<String, Refusal> {
    let (pool, now) = (&accounts.pool, accounts.clock.now());
    let account = queries::account_of_token(pool, &token::hash(token), PURPOSE, now).await?;
    let account = account.ok_or(Refusal::LinkExpired)?;
    accounts.accept_password(new, &[&account.email, &account.name]).await?;
    let hash = password::hash(new).await?;
    let mut tx = crate::db::begin(pool).await?;
    let (account, _) = token::take(&mut tx, token, PURPOSE, now).await?;
    let ended = queries::set_password(&mut tx, account.id, &hash, now).await?;
    let act = Act {
        at: now,
        actor: Actor { id: Some(account.id), role: queries::role(&account.role).name() },
        action: "account.password_reset",
        account: Some(account.id),
        subject: None,
        detail: serde_json::json!({ "sessions_ended": ended }),
    };
    audit::record(&mut *tx, act).await?;
    mails::security_changed(&mut tx, &accounts.base_url, &(&account).into(), Changed::Password, now).await?;
    tx.commit().await?;
    rates::password_was_reset(pool, &account, client).await?;
    Ok(account.email)
}
