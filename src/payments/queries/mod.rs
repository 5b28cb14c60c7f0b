//! All SQL of payments: attempts here, refunds and stored notifications in their own files.

pub mod events;
pub mod reconciliation;
pub mod refunds;

use super::gateway::{MoneyIn, Presentation};
use super::model::{Attempt, AttemptStatus, BalanceState};
use super::open::OpenPayment;
use crate::ids::{AccountId, AttemptId, CaseId, OrderId};
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

pub async fn insert_attempt(
    conn: &mut PgConnection,
    id: AttemptId,
    merchant_ref: &str,
    payment: &OpenPayment,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into payment_attempts (id, order_id, account_id, amount_minor, currency, gateway, method, merchant_ref,
                                       order_number, language, return_url, payer_device, payer_address, expires_at, created_at,
                                       purpose, balance_minor, balance_state)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, case $17 when 0 then 'none' else 'released' end)",
    )
    .bind(id)
    .bind(payment.order)
    .bind(payment.account)
    .bind(payment.amount.minor)
    .bind(payment.amount.currency.code())
    .bind(payment.gateway)
    .bind(&payment.method)
    .bind(merchant_ref)
    .bind(&payment.order_number)
    .bind(payment.language)
    .bind(&payment.return_url)
    .bind(payment.payer.device)
    .bind(&payment.payer.address)
    .bind(payment.expires_at)
    .bind(now)
    .bind(payment.purpose)
    .bind(payment.balance.minor)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn attempt(db: impl PgExecutor<'_>, id: AttemptId) -> sqlx::Result<Option<Attempt>> {
    sqlx::query_as("select * from payment_attempts where id = $1").bind(id).fetch_optional(db).await
}

pub async fn open_attempt_of(db: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Option<Attempt>> {
    sqlx::query_as(
        "select * from payment_attempts where order_id = $1 and status in ('creating','pending','unknown','closing')",
    )
    .bind(order)
    .fetch_optional(db)
    .await
}

pub async fn attempt_named(
    db: impl PgExecutor<'_>,
    gateway: &str,
    merchant_ref: &str,
) -> sqlx::Result<Option<AttemptId>> {
    sqlx::query_scalar("select id from payment_attempts where gateway = $1 and merchant_ref = $2")
        .bind(gateway)
        .bind(merchant_ref)
        .fetch_optional(db)
        .await
}

/// Holds the order's row against deletion and exclusive locks, then locks the attempt: always in this order.
pub async fn lock_attempt(conn: &mut PgConnection, id: AttemptId) -> sqlx::Result<Option<Attempt>> {
    sqlx::query("select 1 from orders where id = (select order_id from payment_attempts where id = $1) for key share")
        .bind(id)
        .execute(&mut *conn)
        .await?;
    sqlx::query_as("select * from payment_attempts where id = $1 for no key update").bind(id).fetch_optional(conn).await
}

/// Moves the state only if it still is `from`.
pub async fn move_attempt(
    conn: &mut PgConnection,
    id: AttemptId,
    from: AttemptStatus,
    to: AttemptStatus,
    failure: Option<&str>,
) -> sqlx::Result<bool> {
    let moved = sqlx::query(
        "update payment_attempts set status = $3, failure = coalesce(left($4, 500), failure) where id = $1 and status = $2",
    )
    .bind(id)
    .bind(from)
    .bind(to)
    .bind(failure)
    .execute(conn)
    .await?;
    Ok(moved.rows_affected() == 1)
}

pub async fn store_presentation(
    conn: &mut PgConnection,
    id: AttemptId,
    provider_ref: Option<&str>,
    presentation: &Presentation,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update payment_attempts set provider_ref = coalesce($2, provider_ref), presentation = $3, presented_at = $4
         where id = $1",
    )
    .bind(id)
    .bind(provider_ref)
    .bind(Json(presentation))
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn record_money(conn: &mut PgConnection, id: AttemptId, money: &MoneyIn) -> sqlx::Result<()> {
    sqlx::query(
        "update payment_attempts set status = 'succeeded', provider_txn_id = $2, received_minor = $3,
                                     received_currency = $4, succeeded_at = $5
         where id = $1 and status <> 'succeeded'",
    )
    .bind(id)
    .bind(&money.transaction)
    .bind(money.received.minor)
    .bind(money.received.currency.code())
    .bind(money.at)
    .execute(conn)
    .await?;
    Ok(())
}

/// The gateway said so just now. Whoever watches the order hears of it if it is news.
pub async fn note_unpaid(conn: &mut PgConnection, id: AttemptId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query(
        "with before as (select id, order_id, unpaid_at from payment_attempts where id = $1),
         noted as (update payment_attempts set unpaid_at = $2 where id = $1)
         select pg_notify('orders', order_id::text) from before where unpaid_at is null",
    )
    .bind(id)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// It can't be said any more.
pub async fn forget_unpaid(db: impl PgExecutor<'_>, id: AttemptId) -> sqlx::Result<()> {
    sqlx::query("update payment_attempts set unpaid_at = null where id = $1").bind(id).execute(db).await?;
    Ok(())
}

pub async fn count_query(conn: &mut PgConnection, id: AttemptId) -> sqlx::Result<()> {
    sqlx::query("update payment_attempts set query_count = query_count + 1 where id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// A case that is open already stays as it is.
pub async fn open_case(
    conn: &mut PgConnection,
    attempt: &Attempt,
    kind: &str,
    detail: serde_json::Value,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into cases (id, account_id, order_id, kind, detail, opened_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(CaseId::new())
    .bind(attempt.account_id)
    .bind(attempt.order_id)
    .bind(kind)
    .bind(detail)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// The attempt this money is recorded on.
pub async fn attempt_paid_by(
    db: impl PgExecutor<'_>,
    gateway: &str,
    transaction: &str,
) -> sqlx::Result<Option<AttemptId>> {
    sqlx::query_scalar("select id from payment_attempts where gateway = $1 and provider_txn_id = $2")
        .bind(gateway)
        .bind(transaction)
        .fetch_optional(db)
        .await
}

pub async fn mark_disputed(conn: &mut PgConnection, attempt: AttemptId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update payment_attempts set disputed_at = coalesce(disputed_at, $2) where id = $1")
        .bind(attempt)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Every attempt of the order whose gateway may have news of it.
pub async fn undecided_attempts_of(db: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Vec<AttemptId>> {
    sqlx::query_scalar(
        "select id from payment_attempts where order_id = $1 and status in ('creating','pending','unknown','closing','abandoned')
         order by created_at desc",
    )
    .bind(order)
    .fetch_all(db)
    .await
}

pub async fn set_balance_state(conn: &mut PgConnection, id: AttemptId, state: BalanceState) -> sqlx::Result<()> {
    sqlx::query("update payment_attempts set balance_state = $2 where id = $1")
        .bind(id)
        .bind(state)
        .execute(conn)
        .await?;
    Ok(())
}

/// What the balance's part was held for happens now.
pub async fn mark_applied(conn: &mut PgConnection, attempt: AttemptId) -> sqlx::Result<()> {
    sqlx::query(
        "update payment_attempts set applied = true,
             balance_state = case balance_state when 'held' then 'captured' else balance_state end where id = $1",
    )
    .bind(attempt)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn has_undecided_money(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from payment_attempts a where a.order_id = $1 and a.status = 'succeeded' and not a.applied
           and a.received_minor > 0 and not exists (select from refunds r where r.attempt_id = a.id))",
    )
    .bind(order)
    .fetch_one(conn)
    .await
}

/// Attempts that brought money, oldest first.
pub async fn all_succeeded(conn: &mut PgConnection) -> sqlx::Result<Vec<Attempt>> {
    sqlx::query_as("select * from payment_attempts where status = 'succeeded' order by succeeded_at, id")
        .fetch_all(conn)
        .await
}

/// Where a payer paid from; what was paid stays.
pub async fn forget(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query("update payment_attempts set payer_address = 'unknown' where account_id = $1")
        .bind(account)
        .execute(conn)
        .await
        .map(drop)
}
