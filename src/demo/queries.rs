use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

use super::history::History;

/// Two demos that start at once on one database seed it once.
pub async fn take_turns(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "set local idle_in_transaction_session_timeout = 0;
         select pg_advisory_xact_lock(hashtextextended('demo seed', 0))",
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn is_empty(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select not exists (select from accounts)").fetch_one(db).await
}

pub async fn let_sign_in(db: &mut PgConnection, emails: &[&str], hash: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query(
        "update accounts set password_hash = $2, password_changed_at = $3, email_verified_at = $3 where email_key = any($1)",
    )
    .bind(emails)
    .bind(hash)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn make_admin(db: &mut PgConnection, email: &str) -> sqlx::Result<()> {
    sqlx::query("update accounts set role = 'admin' where email_key = $1").bind(email).execute(db).await?;
    Ok(())
}

/// Whole rows: a column nobody gives a value here has to do without one.
pub async fn add_history(db: &mut PgConnection, history: &History) -> sqlx::Result<()> {
    // The lines came in when they began, before anything that happened to them.
    sqlx::raw_sql(
        "update line_validities v set recorded_at = v.valid_from::timestamp at time zone l.time_zone
         from lines l where l.id = v.line_id and v.cause = 'opening'",
    )
    .execute(&mut *db)
    .await?;
    add(db, "insert into orders select * from jsonb_populate_recordset(null::orders, $1)", &history.orders).await?;
    add(
        db,
        "insert into order_events (order_id, at, event, from_status, to_status)
         select order_id, at, event, from_status, to_status from jsonb_populate_recordset(null::order_events, $1) order by at",
        &history.events,
    )
    .await?;
    add(
        db,
        "insert into payment_attempts (id, order_id, account_id, amount_minor, currency, gateway, method, merchant_ref, provider_ref, provider_txn_id,
           order_number, language, return_url, payer_device, payer_address, status, received_minor, received_currency, applied,
           refund_reserved_minor, query_count, expires_at, created_at, succeeded_at)
         select id, order_id, account_id, amount_minor, currency, gateway, method, merchant_ref, provider_ref, provider_txn_id,
           order_number, language, return_url, payer_device, payer_address, status, received_minor, received_currency, applied,
           refund_reserved_minor, query_count, expires_at, created_at, succeeded_at
         from jsonb_populate_recordset(null::payment_attempts, $1)",
        &history.attempts,
    )
    .await?;
    add(
        db,
        "insert into provisionings select * from jsonb_populate_recordset(null::provisionings, $1)",
        &history.provisionings,
    )
    .await?;
    add(db, "insert into refunds select * from jsonb_populate_recordset(null::refunds, $1)", &history.refunds).await?;
    add(db, "insert into cases select * from jsonb_populate_recordset(null::cases, $1)", &history.cases).await?;
    add(
        db,
        "insert into line_validities (line_id, entry, cause, order_id, valid_from, before_until, valid_until, anchor_day, recorded_at)
         select line_id, 1, 'renewal', order_id, valid_from, before_until, valid_until, anchor_day, recorded_at
         from jsonb_populate_recordset(null::line_validities, $1)",
        &history.renewed,
    )
    .await?;
    add(
        db,
        "update lines l set valid_from = r.valid_from, valid_until = r.valid_until, anchor_day = r.anchor_day, version = 1
         from jsonb_populate_recordset(null::line_validities, $1) r where l.id = r.line_id",
        &history.renewed,
    )
    .await
}

async fn add(db: &mut PgConnection, sql: &'static str, rows: &[Value]) -> sqlx::Result<()> {
    sqlx::query(sql).bind(Json(rows)).execute(db).await?;
    Ok(())
}
