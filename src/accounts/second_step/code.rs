//! A code of six digits by mail, for the request that asked for it: ten minutes, five tries, the newest only, once.
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::Duration;

use crate::{
    accounts::{
        error::Refusal,
        guard::Accounts,
        mails,
        password::{self, Verdict},
        queries,
    },
    clock::Clock,
    ids::{self, AccountId},
    jobs::{self, Claimed, Done, JobError, NewJob},
};

/// Mails a code: `{asked_by, account_id}` or, where it is not known yet who that is, `{asked_by, email_key}`.
pub const MAIL_CODE: &str = "mail-code";

pub const LIFETIME: Duration = Duration::minutes(10);
pub const MOST_TRIES: i32 = 5;
const CODES: u32 = 1_000_000;

/// To whom it goes.
pub enum To<'a> {
    Account(AccountId),
    Address(&'a str),
}

/// Saves one job, whoever has the address: neither the answer nor its time tells.
pub async fn ask(conn: &mut PgConnection, clock: &Clock, asked_by: &[u8], to: To<'_>) -> sqlx::Result<()> {
    let asked_by = hex::encode(asked_by);
    let payload = match to {
        To::Account(account) => json!({ "asked_by": asked_by, "account_id": account }),
        To::Address(email_key) => json!({ "asked_by": asked_by, "email_key": email_key }),
    };
    let dedupe_key = uuid::Uuid::now_v7().to_string();
    jobs::enqueue(conn, NewJob { kind: MAIL_CODE, dedupe_key, payload, run_at: clock.now(), max_attempts: 5 }).await
}

pub async fn mail_code(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let asked_by = hex::decode(job.field::<String>("asked_by")?).map_err(JobError::fail)?;
    let account = match job.field::<AccountId>("account_id") {
        Ok(id) => queries::account_by_id(pool, id).await?,
        Err(_) => queries::account_by_email(pool, &job.field::<String>("email_key")?).await?,
    };
    let code = random_code();
    let hash = password::hash(&code).await.map_err(JobError::retry)?;
    let mut tx = crate::db::begin(pool).await?;
    if let Some(account) = account.filter(|account| account.email_verified) {
        let now = clock.now();
        queries::insert_code(&mut tx, &asked_by, account.id, &hash, (now, now + LIFETIME)).await?;
        mails::code(&mut tx, &(&account).into(), &code, now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// Whose code it is, used up. Wrong, too late, tried too often and never asked for are one answer, after the same work.
pub async fn check(accounts: &Accounts, asked_by: &[u8], code: &str) -> Result<Option<AccountId>, Refusal> {
    let Accounts { pool, clock, .. } = accounts;
    let digits: String = code.chars().filter_map(|c| c.to_digit(10)).filter_map(|d| char::from_digit(d, 10)).collect();
    let place = password::place()?;
    let tried = queries::try_code(pool, asked_by, MOST_TRIES, clock.now()).await?;
    let stored = tried.as_ref().map(|(_, hash)| hash.clone());
    if password::verify_in(place, &digits, stored).await? == Verdict::Wrong {
        return Ok(None);
    }
    let Some((account, hash)) = tried else { return Ok(None) };
    let used = queries::use_code(&mut *pool.acquire().await?, asked_by, &hash, clock.now()).await?;
    Ok(used.then_some(account))
}

fn random_code() -> String {
    // Whatever lies beyond the last whole million would make some codes likelier.
    let limit = u32::MAX - u32::MAX % CODES;
    loop {
        let mut bytes = [0; 4];
        ids::fill_random(&mut bytes);
        let number = u32::from_be_bytes(bytes);
        if number < limit {
            return format!("{:06}", number % CODES);
        }
    }
}
