//! A code of eight digits by mail or text, for the request that asked for it: ten minutes, five tries, the newest only, once.
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::Duration;

use crate::{
    accounts::{
        email,
        error::Refusal,
        guard::Accounts,
        mails,
        password::{self, Verdict},
        queries,
        reached::PhoneOwner,
        session::First,
    },
    clock::Clock,
    config,
    ids::{self, AccountId},
    jobs::{self, Claimed, Done, JobError, NewJob},
    numbers::Msisdn,
    sms::{self, NewText},
};

/// Mails a code: `{asked_by, account_id}` or, where it is not known yet who that is, `{asked_by, email_key}`.
pub const MAIL_CODE: &str = "mail-code";

pub const LIFETIME: Duration = Duration::minutes(10);
pub const MOST_TRIES: i32 = 5;
/// More than the six digits that are usual: who may ask for a code without a password may guess for months.
const CODES: u32 = 100_000_000;

/// Texts one where the number is somebody's who may have it there: `{asked_by, phone}`.
pub const TEXT_CODE: &str = "text-code";

/// To whom it goes.
pub enum To<'a> {
    Account(AccountId),
    Address(&'a str),
    Phone(&'a Msisdn),
}

/// Saves one job, whoever has the address: neither the answer nor its time tells.
pub async fn ask(conn: &mut PgConnection, clock: &Clock, asked_by: &[u8], to: To<'_>) -> sqlx::Result<()> {
    let asked_by = hex::encode(asked_by);
    let (kind, payload) = match to {
        To::Account(account) => (MAIL_CODE, json!({ "asked_by": asked_by, "account_id": account })),
        To::Address(address) => (MAIL_CODE, json!({ "asked_by": asked_by, "email_key": email::key(address) })),
        To::Phone(number) => (TEXT_CODE, json!({ "asked_by": asked_by, "phone": number })),
    };
    let dedupe_key = uuid::Uuid::now_v7().to_string();
    jobs::enqueue(conn, NewJob { kind, dedupe_key, payload, run_at: clock.now(), max_attempts: 5 }).await
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
        queries::insert_code(&mut tx, &asked_by, account.id, &hash, First::Mail, (now, now + LIFETIME)).await?;
        mails::code(&mut tx, &(&account).into(), &code, now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// The code of a job by text, for whoever has the number; `None`: nobody whom it may be sent to, after the same work.
pub async fn text_code(pool: &PgPool, clock: &Clock, job: &Claimed, to: Option<PhoneOwner>) -> Result<Done, JobError> {
    let asked_by = hex::decode(job.field::<String>("asked_by")?).map_err(JobError::fail)?;
    let (number, code) = (job.field::<Msisdn>("phone")?, random_code());
    let hash = password::hash(&code).await.map_err(JobError::retry)?;
    let mut tx = crate::db::begin(pool).await?;
    if let Some(owner) = to {
        let (id, language) = (owner.id, owner.language());
        let (now, until) = (clock.now(), clock.now() + LIFETIME);
        queries::insert_code(&mut tx, &asked_by, id, &hash, First::Text, (now, until)).await?;
        let operator = config::brand().name(language);
        let text = NewText {
            account: id,
            template: "sign-in-code",
            language,
            to: &number,
            subject: language.t("login-code-text-subject").to_owned(),
            text: language.ta("login-code-text", &[("operator", operator.into()), ("code", code.into())]),
            not_after: until,
        };
        sms::enqueue(&mut tx, text, now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// A code that was right, and is not used up yet.
pub struct Right<'a> {
    asked_by: &'a [u8],
    hash: String,
    pub account: AccountId,
    pub sent_by: First,
}

impl Right<'_> {
    /// False where it was used, or ended, meanwhile.
    pub async fn take(self, conn: &mut PgConnection, clock: &Clock) -> sqlx::Result<bool> {
        queries::use_code(conn, self.asked_by, &self.hash, clock.now()).await
    }
}

/// Wrong, too late, tried too often and never asked for are one answer, after the same work.
pub async fn check<'a>(accounts: &Accounts, asked_by: &'a [u8], code: &str) -> Result<Option<Right<'a>>, Refusal> {
    let Accounts { pool, clock, .. } = accounts;
    let digits: String = code.chars().filter_map(|c| c.to_digit(10)).filter_map(|d| char::from_digit(d, 10)).collect();
    let place = password::place()?;
    let tried = queries::try_code(pool, asked_by, MOST_TRIES, clock.now()).await?;
    let stored = tried.as_ref().map(|(_, hash, _)| hash.clone());
    if password::verify_in(place, &digits, stored).await? == Verdict::Wrong {
        return Ok(None);
    }
    Ok(tried.map(|(account, hash, sent_by)| Right { asked_by, hash, account, sent_by }))
}

fn random_code() -> String {
    // Whatever lies beyond the last whole multiple would make some codes likelier.
    let limit = u32::MAX - u32::MAX % CODES;
    loop {
        let mut bytes = [0; 4];
        ids::fill_random(&mut bytes);
        let number = u32::from_be_bytes(bytes);
        if number < limit {
            return format!("{:08}", number % CODES);
        }
    }
}
