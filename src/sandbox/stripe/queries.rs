use super::super::ledger::{Payment, Refund};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::{Duration, OffsetDateTime};

#[derive(sqlx::FromRow)]
pub struct Answered {
    pub asked: String,
    pub status: i32,
    pub answer: Value,
}

/// How long an answer is kept under its key.
const KEPT: Duration = Duration::hours(24);

/// The answer under this key, which stays locked until the transaction ends.
pub async fn answered(conn: &mut PgConnection, key: &str, now: OffsetDateTime) -> sqlx::Result<Option<Answered>> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 7307003))").bind(key).execute(&mut *conn).await?;
    sqlx::query_as("select asked, status, answer from sandbox.stripe_answers where key = $1 and answered_at > $2")
        .bind(key)
        .bind(now - KEPT)
        .fetch_optional(conn)
        .await
}

pub async fn remember(
    conn: &mut PgConnection,
    key: &str,
    answered: &Answered,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into sandbox.stripe_answers (key, asked, status, answer, answered_at) values ($1, $2, $3, $4, $5)
         on conflict (key) do update set asked = $2, status = $3, answer = $4, answered_at = $5",
    )
    .bind(key)
    .bind(&answered.asked)
    .bind(answered.status)
    .bind(&answered.answer)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Sessions made in between, newest first.
pub async fn sessions(db: impl PgExecutor<'_>, from: OffsetDateTime, to: OffsetDateTime) -> sqlx::Result<Vec<Payment>> {
    sqlx::query_as(
        "select * from sandbox.payments where protocol = 'stripe' and created_at between $1 and $2
         order by created_at desc, id",
    )
    .bind(from)
    .bind(to)
    .fetch_all(db)
    .await
}

pub async fn lock_by_transaction(conn: &mut PgConnection, transaction: &str) -> sqlx::Result<Option<Payment>> {
    sqlx::query_as("select * from sandbox.payments where protocol = 'stripe' and transaction_id = $1 for update")
        .bind(transaction)
        .fetch_optional(conn)
        .await
}

pub async fn refund(db: impl PgExecutor<'_>, id: &str) -> sqlx::Result<Option<Refund>> {
    sqlx::query_as("select * from sandbox.refunds where id = $1").bind(id).fetch_optional(db).await
}

/// The refunds of a payment, newest first.
pub async fn refunds_of(db: impl PgExecutor<'_>, payment: &str) -> sqlx::Result<Vec<Refund>> {
    sqlx::query_as("select * from sandbox.refunds where payment_id = $1 order by created_at desc, id")
        .bind(payment)
        .fetch_all(db)
        .await
}

/// Bodies of events since then of which no delivery was taken, newest first.
pub async fn undelivered(db: impl PgExecutor<'_>, since: OffsetDateTime) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select body from (
           select event_id, max(body) as body, min(id) as first from sandbox.notifications
           where protocol = 'stripe' group by event_id having bool_and(sent_at is null)) as missed
         where to_timestamp((body::jsonb ->> 'created')::bigint) >= $1 order by first desc",
    )
    .bind(since)
    .fetch_all(db)
    .await
}

/// What was booked in between, newest first: a payment, and a refund of it or none.
pub async fn booked(
    db: &sqlx::PgPool,
    from: OffsetDateTime,
    to: OffsetDateTime,
) -> sqlx::Result<Vec<(Payment, Option<Refund>, OffsetDateTime)>> {
    let paid: Vec<Payment> =
        sqlx::query_as("select * from sandbox.payments where protocol = 'stripe' and paid_at >= $1 and paid_at < $2")
            .bind(from)
            .bind(to)
            .fetch_all(db)
            .await?;
    let back: Vec<(String, OffsetDateTime)> = sqlx::query_as(
        "select r.id, r.created_at from sandbox.refunds r join sandbox.payments p on p.id = r.payment_id
         where p.protocol = 'stripe' and r.created_at >= $1 and r.created_at < $2",
    )
    .bind(from)
    .bind(to)
    .fetch_all(db)
    .await?;
    let mut all: Vec<_> =
        paid.into_iter().filter_map(|payment| payment.paid_at.map(|at| (payment, None, at))).collect();
    for (id, at) in back {
        let refund = refund(db, &id).await?.ok_or(sqlx::Error::RowNotFound)?;
        let payment = super::super::ledger::by_id(db, &refund.payment_id).await?.ok_or(sqlx::Error::RowNotFound)?;
        all.push((payment, Some(refund), at));
    }
    all.sort_by_key(|(_, _, at)| std::cmp::Reverse(*at));
    Ok(all)
}
