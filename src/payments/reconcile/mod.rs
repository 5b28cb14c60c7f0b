//! Once a day each gateway's statement is held against our books. Four lists come of it; only money that is theirs and not
//! ours repairs itself, and only through [`settle`]. A person signs what is left.

mod join;

pub use join::{Item, List, OurPayment, OurRefund, join};

use super::gateway::{Gateway, StatementKind, StatementLine};
use super::queries::reconciliation as queries;
use super::{Applied, Fact, Gateways, settle};
use crate::clock::Clock;
use crate::ids::AccountId;
use crate::jobs::{self, Claimed, Done, JobError, NewJob};
use sqlx::{PgConnection, PgPool};
use time::{Date, Duration, OffsetDateTime, Time};

/// The job that looks whether a day's statement can be had: one row for ever.
pub const JOB: &str = "reconcile";

/// When yesterday's statement is there, by the gateway's own clock.
const READY_AT: Time = match Time::from_hms(10, 0, 0) {
    Ok(time) => time,
    Err(_) => Time::MIDNIGHT,
};
/// How many days back a statement that could not be had is asked for.
const DAYS_BACK: i64 = 14;

pub async fn schedule(pool: &PgPool, clock: &Clock) -> sqlx::Result<()> {
    let payload = serde_json::json!({ "since": clock.now().unix_timestamp() });
    let job = NewJob { kind: JOB, dedupe_key: "daily".into(), payload, run_at: clock.now(), max_attempts: i32::MAX };
    jobs::enqueue(&mut *pool.acquire().await?, job).await
}

/// Job `reconcile`: every day of every gateway that has not been held against ours yet, from the day this job was made.
pub async fn run(pool: &PgPool, clock: &Clock, gateways: &Gateways, job: &Claimed) -> Result<Done, JobError> {
    let since = OffsetDateTime::from_unix_timestamp(job.field("since")?).map_err(JobError::fail)?;
    for gateway in gateways.all() {
        for day in days(gateway.as_ref(), since, clock.now()) {
            if !queries::is_done(pool, gateway.name(), day).await? {
                of_day(pool, clock, gateway.as_ref(), day).await?;
            }
        }
    }
    let mut tx = crate::db::begin(pool).await?;
    let done = job.again(&mut tx, clock.now() + Duration::hours(1)).await?;
    tx.commit().await?;
    Ok(done)
}

/// The days whose statements should be there by now.
fn days(gateway: &dyn Gateway, since: OffsetDateTime, now: OffsetDateTime) -> Vec<Date> {
    let local = now.to_offset(gateway.statement_offset());
    let last = local.date() - Duration::days(if local.time() >= READY_AT { 1 } else { 2 });
    let first = since.to_offset(gateway.statement_offset()).date().max(last - Duration::days(DAYS_BACK));
    let mut days = vec![];
    let mut day = first;
    while day <= last {
        days.push(day);
        day += Duration::days(1);
    }
    days
}

/// One day of one gateway. A statement that can't be had is noted and asked for again.
pub async fn of_day(pool: &PgPool, clock: &Clock, gateway: &dyn Gateway, day: Date) -> sqlx::Result<()> {
    let lines = match gateway.statement(day).await {
        Ok(lines) => lines,
        Err(error) => {
            tracing::error!(gateway = gateway.name(), %day, %error, "no statement could be had");
            return queries::note_failure(pool, gateway.name(), day, &error.to_string(), clock.now()).await;
        }
    };
    let begins = day.midnight().assume_offset(gateway.statement_offset());
    let of_day = (begins, begins + Duration::days(1));
    let mut tx = crate::db::begin(pool).await?;
    let payments = payments(&mut tx, gateway.name(), &lines, of_day).await?;
    let refunds = refunds(&mut tx, gateway.name(), &lines, of_day).await?;
    tx.commit().await?;
    let mut items = join(&lines, &payments, &refunds);
    if items.iter().any(Item::is_missing_there)
        && let Ok(before) = gateway.statement(day - Duration::days(1)).await
    {
        // Booked a moment before midnight, heard of a moment after.
        items.retain(|item| !item.is_missing_there() || !item.is_stated_in(&before));
    }
    let ours =
        payments.iter().filter(|one| one.of_the_day).count() + refunds.iter().filter(|one| one.of_the_day).count();
    metrics::counter!("payment_reconciliation_items_total", "gateway" => gateway.name()).increment(items.len() as u64);
    let mut tx = crate::db::begin(pool).await?;
    let run = queries::Run { gateway: gateway.name(), day, theirs: lines.len(), ours };
    let Some(run) = queries::begin_run(&mut tx, run, clock.now()).await? else { return Ok(()) };
    for item in &items {
        let repair = repair(&mut tx, item, clock.now()).await?;
        queries::insert_item(&mut tx, run, item, repair).await?;
    }
    tx.commit().await
}

/// Money that came and was never told of: recorded as if it had just been notified.
async fn repair(conn: &mut PgConnection, item: &Item, now: OffsetDateTime) -> sqlx::Result<Option<&'static str>> {
    let (Some(attempt), Some(money)) = (item.attempt, item.unsettled.clone()) else { return Ok(None) };
    let applied = settle(conn, &Fact::answered(attempt, money), now).await?;
    Ok(Some(match applied {
        Applied::Now => "settled",
        Applied::Before => "settled_before",
        Applied::Second => "second_transaction",
        Applied::Reused => "transaction_reused",
    }))
}

async fn payments(
    conn: &mut PgConnection,
    gateway: &str,
    lines: &[StatementLine],
    of_day: (OffsetDateTime, OffsetDateTime),
) -> sqlx::Result<Vec<OurPayment>> {
    let paid = lines.iter().filter(|line| line.kind == StatementKind::Payment);
    let references: Vec<&str> = paid.clone().filter_map(|line| line.merchant_ref.as_deref()).collect();
    let transactions: Vec<&str> = paid.map(|line| line.transaction.as_str()).collect();
    queries::payments(conn, gateway, &references, &transactions, of_day).await
}

async fn refunds(
    conn: &mut PgConnection,
    gateway: &str,
    lines: &[StatementLine],
    of_day: (OffsetDateTime, OffsetDateTime),
) -> sqlx::Result<Vec<OurRefund>> {
    let (mut numbers, mut ids) = (vec![], vec![]);
    for line in lines {
        if let StatementKind::Refund { merchant_refund_no, provider_refund_id } = &line.kind {
            numbers.extend(merchant_refund_no.as_deref());
            ids.extend(provider_refund_id.as_deref());
        }
    }
    queries::refunds(conn, gateway, &numbers, &ids, of_day).await
}

/// A person has looked at what did not agree. `false`: it is signed already, there is no such run, or something differs
/// and nothing is said about it.
pub async fn sign_off(
    conn: &mut PgConnection,
    run: i64,
    person: AccountId,
    note: &str,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    queries::sign_off(conn, run, person, note, now).await
}
