use crate::ids::{AccountId, AttemptId, RefundId};
use crate::money::{Currency, Money};
use crate::payments::model::RefundStatus;
use crate::payments::reconcile::{Item, OurPayment, OurRefund};
use sqlx::{PgConnection, PgPool};
use time::{Date, OffsetDateTime};

type Between = (OffsetDateTime, OffsetDateTime);

/// What the statement names, and what it must name.
pub async fn payments(
    conn: &mut PgConnection,
    gateway: &str,
    references: &[&str],
    transactions: &[&str],
    (from, to): Between,
) -> sqlx::Result<Vec<OurPayment>> {
    type Row = (AttemptId, String, Option<String>, Option<i64>, Option<String>, bool);
    let rows: Vec<Row> = sqlx::query_as(
        "select id, merchant_ref, provider_txn_id, received_minor, received_currency, coalesce(succeeded_at >= $4 and succeeded_at < $5, false)
         from payment_attempts
         where gateway = $1 and (merchant_ref = any($2) or provider_txn_id = any($3) or (succeeded_at >= $4 and succeeded_at < $5))",
    )
    .bind(gateway)
    .bind(references)
    .bind(transactions)
    .bind(from)
    .bind(to)
    .fetch_all(conn)
    .await?;
    let read = |(id, merchant_ref, transaction, minor, currency, of_the_day): Row| OurPayment {
        id,
        merchant_ref,
        money: transaction.zip(money(minor, currency.as_deref())),
        of_the_day,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// What went back to the balance is none of the gateway's: if it states that too, it went back twice.
pub async fn refunds(
    conn: &mut PgConnection,
    gateway: &str,
    numbers: &[&str],
    ids: &[&str],
    (from, to): Between,
) -> sqlx::Result<Vec<OurRefund>> {
    type Row = (RefundId, String, Option<String>, i64, String, RefundStatus, bool);
    let rows: Vec<Row> = sqlx::query_as(
        "select r.id, r.merchant_refund_no, r.provider_refund_id, r.amount_minor, r.currency, r.status,
                r.by_hand is null and coalesce(r.succeeded_at >= $4 and r.succeeded_at < $5, false)
         from refunds r join payment_attempts a on a.id = r.attempt_id
         where a.gateway = $1 and r.destination = 'gateway' and (r.merchant_refund_no = any($2) or r.provider_refund_id = any($3)
                                   or (r.by_hand is null and r.succeeded_at >= $4 and r.succeeded_at < $5))",
    )
    .bind(gateway)
    .bind(numbers)
    .bind(ids)
    .bind(from)
    .bind(to)
    .fetch_all(conn)
    .await?;
    let read = |(id, number, provider_refund_id, minor, currency, status, of_the_day): Row| {
        let amount = money(Some(minor), Some(&currency))?;
        Some(OurRefund { id, number, provider_refund_id, amount, status, of_the_day })
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

fn money(minor: Option<i64>, currency: Option<&str>) -> Option<Money> {
    Some(Money::new(minor?, Currency::parse(currency?).ok()?))
}

pub async fn is_done(pool: &PgPool, gateway: &str, day: Date) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from reconciliation_runs where gateway = $1 and day = $2 and failure is null)",
    )
    .bind(gateway)
    .bind(day)
    .fetch_one(pool)
    .await
}

pub async fn note_failure(
    pool: &PgPool,
    gateway: &str,
    day: Date,
    failure: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into reconciliation_runs (gateway, day, ran_at, failure) values ($1, $2, $4, left($3, 500))
         on conflict (gateway, day) do update set ran_at = excluded.ran_at, failure = excluded.failure
         where reconciliation_runs.failure is not null",
    )
    .bind(gateway)
    .bind(day)
    .bind(failure)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

pub struct Run<'a> {
    pub gateway: &'a str,
    pub day: Date,
    pub theirs: usize,
    pub ours: usize,
}

/// `None`: this day has been held against ours already.
pub async fn begin_run(conn: &mut PgConnection, run: Run<'_>, now: OffsetDateTime) -> sqlx::Result<Option<i64>> {
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    sqlx::query_scalar(
        "insert into reconciliation_runs (gateway, day, ran_at, theirs, ours) values ($1, $2, $3, $4, $5)
         on conflict (gateway, day) do update set ran_at = excluded.ran_at, failure = null, theirs = excluded.theirs, ours = excluded.ours
         where reconciliation_runs.failure is not null
         returning id",
    )
    .bind(run.gateway)
    .bind(run.day)
    .bind(now)
    .bind(count(run.theirs))
    .bind(count(run.ours))
    .fetch_optional(conn)
    .await
}

pub async fn insert_item(
    conn: &mut PgConnection,
    run: i64,
    item: &Item,
    repair: Option<&'static str>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into reconciliation_items (run_id, list, reference, transaction, theirs_minor, theirs_currency, ours_minor, ours_currency,
                                           attempt_id, refund_id, repair)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(run)
    .bind(item.list)
    .bind(&item.reference)
    .bind(&item.transaction)
    .bind(item.theirs.map(|money| money.minor))
    .bind(item.theirs.map(|money| money.currency.code()))
    .bind(item.ours.map(|money| money.minor))
    .bind(item.ours.map(|money| money.currency.code()))
    .bind(item.attempt)
    .bind(item.refund)
    .bind(repair)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn sign_off(
    conn: &mut PgConnection,
    run: i64,
    person: AccountId,
    note: &str,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let signed = sqlx::query(
        "update reconciliation_runs set signed_by = $2, signed_at = $3, note = $4 where id = $1 and signed_at is null and failure is null
           and ($4 <> '' or not exists (select from reconciliation_items i where i.run_id = $1 and i.repair is null))",
    )
    .bind(run)
    .bind(person)
    .bind(now)
    .bind(note)
    .execute(conn)
    .await?;
    Ok(signed.rows_affected() == 1)
}
