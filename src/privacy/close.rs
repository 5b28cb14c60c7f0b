//! An account is closed two weeks after its owner asked for it, unless they say by then that they keep it.

use super::queries;
use super::standing::Standing;
use crate::accounts::{self, Closing, Proven};
use crate::audit::{self, Act, Actor};
use crate::calendar;
use crate::claims::{self, EndError};
use crate::clock::Clock;
use crate::ids::AccountId;
use crate::jobs::{self, Claimed, Done, JobError, NewJob};
use crate::paths::{self, BaseUrl};
use crate::web::Person;
use crate::{contact, identity, lines, mail, payments, profiles};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

/// The job that closes an account.
pub const CLOSE: &str = "close-account";
/// The job that blanks what was mailed to somebody whose account is closed.
pub const FORGET_MAILS: &str = "forget-mails";

/// To change one's mind in.
pub const GRACE: Duration = Duration::days(14);
/// How long the last mail has to arrive.
const LAST_MAIL: Duration = Duration::days(2);

#[derive(Debug)]
pub enum Asked {
    Closing,
    /// There is something to settle first.
    Refused,
}

pub async fn ask(pool: &PgPool, clock: &Clock, base_url: &BaseUrl, who: &Proven) -> sqlx::Result<Asked> {
    let (person, now) = (&who.person, clock.now());
    let mut tx = who.begin(pool).await?;
    match accounts::lock_closing(&mut tx, person.id).await? {
        Closing::Due(_) => return Ok(Asked::Closing),
        Closing::Closed => return Ok(Asked::Refused),
        Closing::No => {}
    }
    if !Standing::of(&mut tx, person.id, person.role).await?.is_settled() {
        return Ok(Asked::Refused);
    }
    let at = now + GRACE;
    accounts::set_closing(&mut tx, person.id, Some(at)).await?;
    let job = NewJob {
        kind: CLOSE,
        dedupe_key: format!("{}:{}", person.id, at.unix_timestamp_nanos()),
        payload: json!({ "account_id": person.id }),
        run_at: at,
        max_attempts: 50,
    };
    jobs::enqueue(&mut tx, job).await?;
    audit::record(&mut *tx, act(person.actor(), person.id, "account.closing", now, json!({}))).await?;
    let day = calendar::long_date(calendar::today(at, &person.zone()), person.language);
    let link = base_url.to(paths::CLOSE_ACCOUNT);
    accounts::write_to(&mut tx, person.id, "closing", &[("date", day.into())], link, now).await?;
    tx.commit().await?;
    Ok(Asked::Closing)
}

/// Also where nothing was asked: a second click changes nothing.
pub async fn keep(pool: &PgPool, clock: &Clock, base_url: &BaseUrl, person: &Person) -> sqlx::Result<()> {
    let mut tx = crate::db::begin(pool).await?;
    let Closing::Due(_) = accounts::lock_closing(&mut tx, person.id).await? else { return Ok(()) };
    accounts::set_closing(&mut tx, person.id, None).await?;
    audit::record(&mut *tx, act(person.actor(), person.id, "account.kept", clock.now(), json!({}))).await?;
    accounts::write_to(&mut tx, person.id, "kept", &[], base_url.to(paths::ACCOUNT), clock.now()).await?;
    tx.commit().await
}

/// What is not settled by then puts it off day by day.
pub async fn close(pool: &PgPool, clock: &Clock, base_url: &BaseUrl, job: &Claimed) -> Result<Done, JobError> {
    let (account, now): (AccountId, _) = (job.field("account_id")?, clock.now());
    let mut tx = crate::db::begin(pool).await?;
    let done = match accounts::lock_closing(&mut tx, account).await? {
        Closing::Due(at) if at <= now => {
            let role = accounts::role_of(&mut tx, account).await?;
            if Standing::of(&mut tx, account, role).await?.is_settled() {
                finish(&mut tx, base_url, account, now).await?;
                job.complete(&mut tx).await?
            } else {
                job.again(&mut tx, now + Duration::days(1)).await?
            }
        }
        _ => job.complete(&mut tx).await?,
    };
    tx.commit().await?;
    Ok(done)
}

async fn finish(
    conn: &mut PgConnection,
    base_url: &BaseUrl,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<(), JobError> {
    let held = queries::lines_held(conn, account).await?;
    for line in &held {
        claims::end_held(conn, Actor::SYSTEM, line.id, "account closed", now).await.map_err(|error| match error {
            EndError::Database(error) => JobError::from(error),
            other => JobError::retry(other),
        })?;
    }
    mail::forget(conn, account).await?;
    accounts::write_to(conn, account, "closed", &[], base_url.to(paths::HOME), now).await?;
    lines::forget(conn, account).await?;
    profiles::forget(conn, account).await?;
    claims::forget(conn, account).await?;
    contact::forget(conn, account).await?;
    identity::forget(conn, account).await?;
    payments::forget(conn, account).await?;
    queries::drop_exports_of(conn, account).await?;
    accounts::blank(conn, account, now).await?;
    let job = NewJob {
        kind: FORGET_MAILS,
        dedupe_key: account.to_string(),
        payload: json!({ "account_id": account }),
        run_at: now + LAST_MAIL,
        max_attempts: 50,
    };
    jobs::enqueue(conn, job).await?;
    let ended = json!({ "lines_ended": held.len() });
    Ok(audit::record(conn, act(Actor::SYSTEM, account, "account.closed", now, ended)).await?)
}

/// The mail that said goodbye as well.
pub async fn forget_mails(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let mut tx = crate::db::begin(pool).await?;
    let done = match mail::forget(&mut tx, job.field("account_id")?).await? {
        0 => job.complete(&mut tx).await?,
        _ => job.again(&mut tx, clock.now() + Duration::days(1)).await?,
    };
    tx.commit().await?;
    Ok(done)
}

fn act(
    actor: Actor<'static>,
    account: AccountId,
    action: &'static str,
    at: OffsetDateTime,
    detail: Value,
) -> Act<'static> {
    Act { at, actor, action, account: Some(account), subject: None, detail }
}
