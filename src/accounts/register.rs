//! Whoever registers shows first that the address is theirs: a link goes there, and only whoever reads it chooses a name
//! and a password. An account that waited with somebody else's password in it would be theirs once its owner came. Asking
//! does the same work for every address - one job is saved - so that neither the answer nor its time tells who has one.
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::{
    email::EmailAddress,
    error::Refusal,
    guard::Accounts,
    mails, password,
    queries::{self, NewAccount},
    rates::{self, Place},
    token,
};
use crate::{
    clock::Clock,
    ids::AccountId,
    jobs::{self, Claimed, Done, JobError, NewJob},
    lang::Lang,
    paths,
};

/// The job that mails the link, or what else whoever has the address should know.
pub const MAIL_LINK: &str = "mail-registration-link";

const LIFETIME: Duration = Duration::hours(24);

/// A second click within it sends no second mail.
const JUST_NOW: Duration = Duration::minutes(1);

pub async fn ask(
    pool: &PgPool,
    clock: &Clock,
    (email, language): (&EmailAddress, Lang),
    client: &str,
) -> Result<(), Refusal> {
    rates::may_cause_mail(pool, &email.key, Place::anywhere(client)).await?;
    let payload = serde_json::json!({ "email": email.shown, "email_key": email.key, "language": language.code() });
    let dedupe_key = uuid::Uuid::now_v7().to_string();
    let job = NewJob { kind: MAIL_LINK, dedupe_key, payload, run_at: clock.now(), max_attempts: 5 };
    let mut tx = crate::db::begin(pool).await?;
    jobs::enqueue(&mut tx, job).await?;
    Ok(tx.commit().await?)
}

pub async fn mail_link(pool: &PgPool, clock: &Clock, base_url: &str, job: &Claimed) -> Result<Done, JobError> {
    let (typed, language): (String, String) = (job.field("email")?, job.field("language")?);
    let email = EmailAddress::parse(&typed).ok_or_else(|| JobError::fail(anyhow::anyhow!("no address")))?;
    let (language, now) = (Lang::parse(&language).unwrap_or_default(), clock.now());
    let mut tx = crate::db::begin(pool).await?;
    match queries::account_by_email(&mut *tx, &email.key).await? {
        Some(account) if account.password_hash.is_none() => {
            mails::reset_password(&mut tx, base_url, &(&account).into(), now).await?;
        }
        Some(account) => mails::already_registered(&mut tx, base_url, &(&account).into(), now).await?,
        None => invite(&mut tx, base_url, (&email, language), now).await?,
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// An address that somebody may still take back is nobody else's.
async fn invite(
    conn: &mut PgConnection,
    base_url: &str,
    (email, language): (&EmailAddress, Lang),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let token = token::random();
    let (hash, times) = (token::hash(&token), (now, now + LIFETIME));
    if let Some(until) = queries::kept_back_until(&mut *conn, &email.key, None, now).await? {
        return mails::address_kept_back(conn, (&email.shown, language), until, now).await;
    }
    if !queries::insert_registration(conn, &hash, email, times, now - JUST_NOW).await? {
        return Ok(());
    }
    let link = format!("{base_url}{}", paths::finish_registration(&token));
    mails::finish_registration(conn, (&email.shown, language), link, now).await
}

/// What a mailed link still leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// For this address.
    Open(EmailAddress),
    /// By this link or by another one to the same address.
    Used,
    Expired,
}

pub async fn state(pool: &PgPool, clock: &Clock, token: &str) -> sqlx::Result<Link> {
    Ok(match queries::registration(pool, &token::hash(token), clock.now()).await? {
        Some((_, true)) => Link::Used,
        Some((email, false)) => EmailAddress::parse(&email).map_or(Link::Expired, Link::Open),
        None => Link::Expired,
    })
}

pub struct Registration<'a> {
    /// That of the link.
    pub email: &'a EmailAddress,
    pub name: &'a str,
    pub password: &'a str,
    pub language: Lang,
}

/// The link is used up by success only: a password that was refused can be typed again.
pub async fn finish(accounts: &Accounts, token: &str, new: Registration<'_>) -> Result<(), Refusal> {
    let (pool, email, now) = (&accounts.pool, new.email, accounts.clock.now());
    accounts.accept_password(new.password, &[&email.shown, new.name]).await?;
    let password_hash = password::hash(new.password).await?;
    let account = NewAccount {
        id: AccountId::new(),
        email: &email.shown,
        email_key: &email.key,
        name: new.name,
        password_hash: &password_hash,
        language: new.language,
        time_zone: zone(new.language),
    };
    let mut tx = crate::db::begin(pool).await?;
    let kept_back = queries::kept_back_until(&mut *tx, &email.key, None, now).await?;
    if kept_back.is_some()
        || !queries::use_registration(&mut tx, &token::hash(token), now).await?
        || !queries::insert_account(&mut tx, account, now).await?
    {
        return Err(Refusal::LinkExpired);
    }
    Ok(tx.commit().await?)
}

/// Where most readers of the language live; changed in the account at any time.
fn zone(language: Lang) -> &'static str {
    if language.is_chinese() { "Asia/Shanghai" } else { "UTC" }
}
