//! Codes that an app on the phone shows (RFC 6238). Each is taken once, half a minute early or late.
use anyhow::anyhow;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sqlx::PgConnection;
use totp_rs::{Builder, Totp};

use super::{changed, recovery};
use crate::{
    accounts::{error::Refusal, extract::Proven, guard::Accounts, mails::Changed, queries},
    config::brand,
    ids::{self, AccountId},
    seal::Sealed,
};

const SECRET_BYTES: usize = 20;

/// What an app is told by its camera, or by hand.
pub struct Enrolment {
    pub url: String,
    /// In groups of four.
    pub key: String,
    /// The same, for the form to bring back with the first code: nothing is stored before that.
    pub sealed: String,
}

/// A new one, or the one that a form brought back.
pub fn enrol(accounts: &Accounts, who: &Proven, brought: Option<&str>) -> Result<Enrolment, Refusal> {
    let secret = match brought.map(|text| unsealed(accounts, who, text)) {
        Some(secret) => secret?,
        None => {
            let mut secret = vec![0; SECRET_BYTES];
            ids::fill_random(&mut secret);
            secret
        }
    };
    let sealed = accounts.keys.seal(&offered(who), &secret).map_err(failed)?;
    let totp = built(secret, &who.person.email)?;
    let key = totp.secret().to_base32();
    let groups: Vec<String> =
        key.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    let sealed = format!("{}:{}", sealed.key, BASE64_URL_SAFE_NO_PAD.encode(&sealed.bytes));
    Ok(Enrolment { url: totp.to_url().map_err(failed)?, key: groups.join(" "), sealed })
}

fn unsealed(accounts: &Accounts, who: &Proven, text: &str) -> Result<Vec<u8>, Refusal> {
    let (key, bytes) = text.split_once(':').ok_or(Refusal::Wrong)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(bytes).map_err(|_| Refusal::Wrong)?;
    accounts.keys.open(&offered(who), &Sealed { key: key.to_owned(), bytes }).map_err(|_| Refusal::Wrong)
}

/// With the first code it shows. Gives the recovery codes, which nobody sees again.
pub async fn confirm(accounts: &Accounts, who: &Proven, brought: &str, code: &str) -> Result<Vec<String>, Refusal> {
    let person = &who.person;
    let secret = unsealed(accounts, who, brought)?;
    let (now, unix_time) = (accounts.clock.now(), queries::unix_time(&accounts.pool).await?);
    let step = step_of(&built(secret.clone(), "")?, code, unix_time).ok_or(Refusal::Wrong)?;
    let sealed = accounts.keys.seal(&purpose(person.id), &secret).map_err(failed)?;
    let (codes, stored) = recovery::made().await?;
    let mut tx = who.begin(&accounts.pool).await?;
    super::guard_by_it(&mut tx, who).await?;
    if !queries::insert_totp(&mut tx, person.id, &sealed, step, now).await? {
        return Err(Refusal::Wrong);
    }
    queries::replace_recovery_codes(&mut tx, person.id, &stored, now).await?;
    changed(&mut tx, accounts, person, "account.totp_added", Changed::SecondStepAdded).await?;
    tx.commit().await?;
    Ok(codes)
}

pub async fn remove(accounts: &Accounts, who: &Proven) -> Result<(), Refusal> {
    let person = &who.person;
    let mut tx = who.begin(&accounts.pool).await?;
    if queries::remove_totp(&mut tx, person.id).await? {
        super::forget_what_hung_on_it(&mut tx, person.id).await?;
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
    let Some(step) = step_of(&built(secret.clone(), "")?, code, row.unix_time) else { return Ok(false) };
    if accounts.keys.is_old(&sealed) {
        let anew = accounts.keys.seal(&purpose(account), &secret).map_err(failed)?;
        queries::reseal_totp(&mut *conn, account, &sealed, &anew).await?;
    }
    Ok(queries::take_step(conn, account, step).await?)
}

/// The half minute whose code it is, if that is about now.
fn step_of(totp: &Totp, code: &str, now: i64) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp.check(&digits, u64::try_from(now).ok()?)?;
    i64::try_from(step).ok()
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

/// For this session only: whoever was at the browser before may know what was offered there.
fn offered(who: &Proven) -> String {
    format!("totp offered:{}:{}", who.person.id, hex::encode(who.session.hash()))
}

fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::Failed(anyhow!("an app's codes: {error}"))
}
