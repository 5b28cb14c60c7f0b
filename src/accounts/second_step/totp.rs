//! Codes that an app on the phone shows (RFC 6238). Each is taken once, half a minute early or late.
use anyhow::anyhow;
use sqlx::PgConnection;
use totp_rs::{Builder, Totp};

use super::recovery;
use crate::{
    accounts::{
        error::Refusal,
        guard::Accounts,
        mails::{self, Changed},
        queries,
    },
    audit::{self, Act},
    config::brand,
    ids::{self, AccountId},
    web::Person,
};

const SECRET_BYTES: usize = 20;

/// What an app is told by its camera, or by hand.
pub struct Enrolment {
    pub url: String,
    /// In groups of four.
    pub key: String,
}

/// The same until it is confirmed, so that going back does not make what was scanned worthless.
pub async fn enrol(accounts: &Accounts, person: &Person) -> Result<Enrolment, Refusal> {
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let secret = match queries::totp(&mut *tx, person.id).await? {
        Some(row) if row.confirmed => return Err(Refusal::Wrong),
        Some(row) => accounts.keys.open(&purpose(person.id), &row.sealed()).map_err(failed)?,
        None => begin(&mut tx, accounts, person.id).await?,
    };
    tx.commit().await?;
    let totp = built(secret, &person.email)?;
    let key = totp.secret().to_base32();
    let groups: Vec<String> =
        key.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    Ok(Enrolment { url: totp.to_url().map_err(failed)?, key: groups.join(" ") })
}

async fn begin(conn: &mut PgConnection, accounts: &Accounts, account: AccountId) -> Result<Vec<u8>, Refusal> {
    let mut secret = vec![0; SECRET_BYTES];
    ids::fill_random(&mut secret);
    let sealed = accounts.keys.seal(&purpose(account), &secret).map_err(failed)?;
    queries::begin_totp(conn, account, &sealed, accounts.clock.now()).await?;
    Ok(secret)
}

/// It counts from the first right code on. Gives the recovery codes, which nobody sees again.
pub async fn confirm(accounts: &Accounts, person: &Person, code: &str) -> Result<Vec<String>, Refusal> {
    let (codes, stored) = recovery::made().await?;
    let mut tx = crate::db::begin(&accounts.pool).await?;
    if !take(&mut tx, accounts, person.id, code).await? {
        return Err(Refusal::Wrong);
    }
    if !queries::confirm_totp(&mut tx, person.id, accounts.clock.now()).await? {
        return Err(Refusal::Wrong);
    }
    queries::replace_recovery_codes(&mut tx, person.id, &stored).await?;
    changed(&mut tx, accounts, person, "account.totp_added", Changed::SecondStepAdded).await?;
    tx.commit().await?;
    Ok(codes)
}

pub async fn remove(accounts: &Accounts, person: &Person) -> Result<(), Refusal> {
    let mut tx = crate::db::begin(&accounts.pool).await?;
    if queries::remove_totp(&mut tx, person.id).await? {
        queries::replace_recovery_codes(&mut tx, person.id, &[]).await?;
        queries::trust_nobody(&mut tx, person.id).await?;
        changed(&mut tx, accounts, person, "account.totp_removed", Changed::SecondStepRemoved).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether the app shows this code now, and nobody has used it before.
pub async fn check(accounts: &Accounts, account: AccountId, code: &str) -> Result<bool, Refusal> {
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let right = take(&mut tx, accounts, account, code).await?;
    tx.commit().await?;
    Ok(right)
}

async fn take(conn: &mut PgConnection, accounts: &Accounts, account: AccountId, code: &str) -> Result<bool, Refusal> {
    let Some(row) = queries::totp(&mut *conn, account).await? else { return Ok(false) };
    let sealed = row.sealed();
    let secret = accounts.keys.open(&purpose(account), &sealed).map_err(failed)?;
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let (totp, now) = (built(secret.clone(), "")?, u64::try_from(row.unix_time).unwrap_or_default());
    let Some(step) = totp.check(&digits, now).and_then(|step| i64::try_from(step).ok()) else { return Ok(false) };
    if accounts.keys.is_old(&sealed) {
        let anew = accounts.keys.seal(&purpose(account), &secret).map_err(failed)?;
        queries::reseal_totp(&mut *conn, account, &sealed, &anew).await?;
    }
    Ok(queries::take_step(conn, account, step).await?)
}

fn built(secret: Vec<u8>, email: &str) -> Result<Totp, Refusal> {
    // A colon would part the issuer from the name.
    let plain = |text: &str| text.replace(':', " ");
    let issuer = plain(&brand().name_en);
    Builder::new().with_secret(secret).with_account_name(plain(email)).with_issuer(Some(issuer)).build().map_err(failed)
}

fn purpose(account: AccountId) -> String {
    format!("totp:{account}")
}

fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::Failed(anyhow!("an app's codes: {error}"))
}

pub(super) async fn changed(
    conn: &mut PgConnection,
    accounts: &Accounts,
    person: &Person,
    action: &'static str,
    what: Changed<'_>,
) -> sqlx::Result<()> {
    let now = accounts.clock.now();
    let detail = serde_json::json!({});
    let act = Act { at: now, actor: person.actor(), action, account: Some(person.id), subject: None, detail };
    audit::record(&mut *conn, act).await?;
    let account = queries::account_by_id(&mut *conn, person.id).await?.ok_or(sqlx::Error::RowNotFound)?;
    mails::security_changed(conn, &accounts.base_url, &(&account).into(), what, now).await
}
