use sqlx::{PgConnection, PgPool};

use super::{
    browser::Browser,
    email,
    error::Refusal,
    mails::{self, Changed},
    password::{self, Verdict},
    queries::{self, AccountRow},
    rates,
    session::SessionId,
};
use crate::{
    audit::{self, Act, Actor},
    clock::Clock,
    web::Role,
};

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
}

/// Limits, then the look-up, then always one password's worth of work: an unknown address takes as long as a wrong password.
pub async fn sign_in(pool: &PgPool, clock: &Clock, base_url: &str, attempt: Attempt<'_>) -> Result<Admitted, Refusal> {
    rates::may_sign_in(pool, attempt.email, &attempt.browser.client).await?;
    let account = queries::account_by_email(pool, &email::key(attempt.email)).await?;
    let stored = account.as_ref().and_then(|account| account.password_hash.clone());
    let verdict = password::verify(attempt.password, stored).await?;
    let account = account.filter(|_| verdict != Verdict::Wrong).ok_or(Refusal::Wrong)?;
    let role = queries::role(&account.role);
    if attempt.staff_door && !role.is_staff() {
        return Err(Refusal::Wrong);
    }
    if !account.email_verified {
        remind_to_confirm(pool, clock, base_url, &account, &attempt.browser.client).await?;
        return Err(Refusal::Wrong);
    }
    let session = admit(pool, clock, base_url, &account, role, &attempt, verdict).await?;
    rates::signed_in(pool, attempt.email, &attempt.browser.client).await?;
    Ok(Admitted { session, role })
}

async fn admit(
    pool: &PgPool,
    clock: &Clock,
    base_url: &str,
    account: &AccountRow,
    role: Role,
    attempt: &Attempt<'_>,
    verdict: Verdict,
) -> Result<SessionId, Refusal> {
    let rehashed = match verdict {
        Verdict::RightButOld => Some(password::hash(attempt.password).await?),
        _ => None,
    };
    let session = SessionId::random();
    let mut tx = crate::db::begin(pool).await?;
    if let (Some(old), Some(new)) = (&account.password_hash, &rehashed) {
        queries::rehash_password(&mut tx, account.id, old, new).await?;
    }
    if let Some(before) = attempt.replaces {
        queries::end_session(&mut *tx, &before.hash()).await?;
    }
    queries::insert_session(&mut tx, &session.hash(), account.id, attempt.browser).await?;
    if queries::meets_new_browser(&mut tx, account.id, attempt.browser).await? {
        let from = Changed::NewBrowser { browser: attempt.browser };
        mails::security_changed(&mut tx, base_url, &account.into(), from, clock.now()).await?;
    }
    note(&mut tx, clock, account, role).await?;
    tx.commit().await?;
    Ok(session)
}

async fn note(conn: &mut PgConnection, clock: &Clock, account: &AccountRow, role: Role) -> sqlx::Result<()> {
    let act = Act {
        at: clock.now(),
        actor: Actor { id: Some(account.id), role: role.name() },
        action: "account.signed_in",
        account: Some(account.id),
        subject: None,
        detail: serde_json::json!({}),
    };
    audit::record(conn, act).await
}

/// Said by mail only: on the page it would tell a stranger that the address was free when he registered it.
async fn remind_to_confirm(
    pool: &PgPool,
    clock: &Clock,
    base_url: &str,
    account: &AccountRow,
    client: &str,
) -> Result<(), Refusal> {
    if rates::may_cause_mail(pool, &account.email, client).await.is_err() {
        return Ok(());
    }
    let mut tx = crate::db::begin(pool).await?;
    mails::confirm_address(&mut tx, base_url, &account.into(), clock.now()).await?;
    Ok(tx.commit().await?)
}
