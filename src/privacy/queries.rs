//! What stands in the way of closing an account, and everything that is kept of a person.

use crate::ids::{AccountId, ExportId, LineId};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use time::{Date, OffsetDateTime};

pub async fn open_orders(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select number from orders where account_id = $1 and status in ('awaiting_payment','paid')
         order by created_at",
    )
    .bind(account)
    .fetch_all(conn)
    .await
}

pub async fn unfinished_refunds(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select number from orders where account_id = $1 and status = 'refunding'
         union
         select a.order_number from refunds r join payment_attempts a on a.id = r.attempt_id
          where r.account_id = $1 and r.status <> 'succeeded'
         order by 1",
    )
    .bind(account)
    .fetch_all(conn)
    .await
}

pub async fn open_cases(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select o.number from orders o
         where o.account_id = $1
           and (o.status = 'needs_attention' or exists (select from cases where order_id = o.id and closed_at is null))
           -- Of an order all of whose money went back, nothing is left to answer.
           and not (o.status = 'needs_attention'
             and exists (select from payment_attempts where order_id = o.id and status = 'succeeded')
             and not exists (select from payment_attempts a where a.order_id = o.id and a.status = 'succeeded'
               and a.received_minor > (select coalesce(sum(amount_minor), 0) from refunds where attempt_id = a.id and status = 'succeeded')))
         order by 1",
    )
    .bind(account)
    .fetch_all(conn)
    .await
}

pub async fn profiles_under_way(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from profile_orders where account_id = $1 and finished_at is null")
        .bind(account)
        .fetch_one(conn)
        .await
}

/// A line that ends with the account.
#[derive(sqlx::FromRow)]
pub struct HeldLine {
    pub id: LineId,
    pub iccid: String,
    pub msisdn: Option<String>,
    pub valid_until: Date,
    pub time_zone: String,
}

pub async fn lines_held(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<Vec<HeldLine>> {
    sqlx::query_as(
        "select id, iccid, msisdn, valid_until, time_zone from lines
         where account_id = $1 and ended_at is null order by valid_until desc, id",
    )
    .bind(account)
    .fetch_all(conn)
    .await
}

/// A file of one's own data.
#[derive(sqlx::FromRow)]
pub struct Export {
    pub id: ExportId,
    pub bytes: Option<i64>,
    pub expires_at: Option<OffsetDateTime>,
}

pub async fn export_of(pool: &PgPool, account: AccountId, now: OffsetDateTime) -> sqlx::Result<Option<Export>> {
    sqlx::query_as(
        "select id, octet_length(content)::bigint as bytes, expires_at from data_exports
         where account_id = $1 and (expires_at is null or expires_at > $2)",
    )
    .bind(account)
    .bind(now)
    .fetch_optional(pool)
    .await
}

pub async fn export_under_way(pool: &PgPool, account: AccountId) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from data_exports where account_id = $1 and content is null)")
        .bind(account)
        .fetch_one(pool)
        .await
}

pub async fn insert_export(
    conn: &mut PgConnection,
    id: ExportId,
    account: AccountId,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query("insert into data_exports (id, account_id, asked_at) values ($1, $2, $3) on conflict do nothing")
        .bind(id)
        .bind(account)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}

pub async fn account_of_export(conn: &mut PgConnection, id: ExportId) -> sqlx::Result<Option<AccountId>> {
    sqlx::query_scalar("select account_id from data_exports where id = $1 and content is null for update")
        .bind(id)
        .fetch_optional(conn)
        .await
}

pub async fn fill_export(
    conn: &mut PgConnection,
    id: ExportId,
    content: &str,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query("update data_exports set content = $2, made_at = $3, expires_at = $4 where id = $1")
        .bind(id)
        .bind(content)
        .bind(now)
        .bind(expires_at)
        .execute(conn)
        .await
        .map(drop)
}

pub async fn export_content(
    pool: &PgPool,
    id: ExportId,
    account: AccountId,
    now: OffsetDateTime,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select content from data_exports where id = $1 and account_id = $2 and expires_at > $3")
        .bind(id)
        .bind(account)
        .bind(now)
        .fetch_optional(pool)
        .await
}

pub async fn drop_export(conn: &mut PgConnection, id: ExportId) -> sqlx::Result<()> {
    sqlx::query("delete from data_exports where id = $1").bind(id).execute(conn).await.map(drop)
}

pub async fn drop_exports_of(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query("delete from data_exports where account_id = $1").bind(account).execute(conn).await.map(drop)
}

/// One part of the file: its rows, the oldest first.
pub async fn section(conn: &mut PgConnection, sql: &'static str, account: AccountId) -> sqlx::Result<Value> {
    let rows: Vec<Value> = sqlx::query_scalar(sql).bind(account).fetch_all(conn).await?;
    Ok(Value::Array(rows))
}

/// What staff did is told without the name of who did it; letters that carry links or codes are told without their text.
pub const SECTIONS: &[(&str, &str)] = &[
    (
        "profile",
        "select to_jsonb(x) from (select email, email_verified_at, name, phone, phone_verified_at, language, time_zone, role, refunds_to,
           reminders_by_mail, reminders_by_text, news,
           password_changed_at, closes_at, created_at from accounts where id = $1) x",
    ),
    (
        "lines",
        "select to_jsonb(x) from (select l.kind, l.carrier, l.iccid, l.msisdn, l.eid, l.label, l.plan, l.status, l.time_zone,
           l.valid_from, l.valid_until, l.data_unlimited, l.data_total_bytes, l.data_left_bytes, l.minutes_left, l.sms_left,
           l.since, l.ended_at,
           (select jsonb_agg(jsonb_build_object('cause', v.cause, 'from', v.valid_from, 'until', v.valid_until, 'recorded_at', v.recorded_at) order by v.entry)
              from line_validities v where v.line_id = l.id) as validity
         from lines l where l.account_id = $1 order by l.since, l.id) x",
    ),
    (
        "lines_asked_for",
        "select to_jsonb(x) from (select kind, number, created_at, outcome from line_claims where account_id = $1
         union all select kind, named, opened_at, case when closed_at is null then 'open' else 'closed' end from line_requests where account_id = $1
         order by created_at) x",
    ),
    (
        "orders",
        "select to_jsonb(x) from (select number, kind, iccid, msisdn, plan_en as plan, plan_zh, amount_minor, currency, status,
           promised_from, promised_until, fulfilled_until, created_at, paid_at, fulfilled_at, closed_at
         from orders where account_id = $1 order by created_at, id) x",
    ),
    (
        "payments",
        "select to_jsonb(x) from (select order_number, gateway, method, merchant_ref as reference, provider_txn_id as gateway_reference,
           amount_minor, balance_minor, currency, status, payer_device, payer_address, received_minor, received_currency, created_at, succeeded_at
         from payment_attempts where account_id = $1 order by created_at, id) x",
    ),
    (
        "refunds",
        "select to_jsonb(x) from (select a.order_number, r.merchant_refund_no as reference, r.amount_minor, r.currency, r.reason, r.status,
           r.destination, r.customer_note, r.created_at, r.succeeded_at
         from refunds r join payment_attempts a on a.id = r.attempt_id where r.account_id = $1 order by r.created_at, r.id) x",
    ),
    (
        "balance",
        "select to_jsonb(x) from (select t.at, t.kind, a.kind as account, e.amount_minor, e.currency, o.number as order_number
         from ledger_accounts a join ledger_entries e on e.ledger_account = a.id join ledger_transactions t on t.id = e.transaction_id
         left join orders o on o.id = t.order_id where a.account_id = $1 order by t.id) x",
    ),
    (
        "receipts",
        "select to_jsonb(x) from (select number as order_number, amount_minor, currency, paid_at, '/orders/' || id || '/receipt.pdf' as address
         from orders where account_id = $1 and fulfilled_at is not null order by paid_at, id) x",
    ),
    (
        "messages",
        "select to_jsonb(x) from (select channel, template, recipient, subject, case when order_id is not null then body_text end as text,
           created_at, sent_at from messages where account_id = $1 order by created_at, id) x",
    ),
    (
        "sessions",
        "select to_jsonb(x) from (select user_agent, client, created_at, last_seen_at, expires_at, revoked_at as ended_at
         from sessions where account_id = $1 order by created_at) x",
    ),
    (
        "passkeys",
        "select to_jsonb(x) from (select name, created_at, used_at from passkeys where account_id = $1 order by created_at, id) x",
    ),
    (
        "trail",
        "select to_jsonb(x) from (select at, action, case when actor_id = $1 then 'you' else actor_role end as by,
           subject_type, subject_id, case when actor_id = $1 then detail end as detail
         from audit_log where account_id = $1 order by id) x",
    ),
];
