//! Rows go over as one JSON array a statement: a hundred columns of arrays would say the same.

use std::collections::HashSet;

use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

use super::customers::{self, KnownCustomer};
use super::lines::{self, KnownLine};
use super::plans::PlanRow;
use super::stock::KnownStock;

/// One import at a time: two that name the same rows would wait for each other half-way.
pub async fn begin(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "set local idle_in_transaction_session_timeout = 0;
         set local statement_timeout = 0;
         set local lock_timeout = 0;
         select pg_advisory_xact_lock(hashtextextended('imports', 0))",
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn all_plans(db: &mut PgConnection) -> sqlx::Result<Vec<PlanRow>> {
    sqlx::query_as(
        "select code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_unlimited, data_bytes,
                minutes, sms, coverage, price_minor, currency, effect, carrier_product
         from plans",
    )
    .fetch_all(db)
    .await
}

pub async fn plans(db: &mut PgConnection, codes: &[&str]) -> sqlx::Result<Vec<PlanRow>> {
    sqlx::query_as(
        "select code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_unlimited, data_bytes,
                minutes, sms, coverage, price_minor, currency, effect, carrier_product
         from plans where code = any($1) for update",
    )
    .bind(codes)
    .fetch_all(db)
    .await
}

/// Which of these plans somebody has ordered and not yet received.
pub async fn plans_with_open_orders(db: &mut PgConnection, codes: &[&str]) -> sqlx::Result<HashSet<String>> {
    let open: Vec<String> = sqlx::query_scalar(
        "select distinct plan from orders where plan = any($1) and status in ('awaiting_payment', 'paid', 'needs_attention')",
    )
    .bind(codes)
    .fetch_all(db)
    .await?;
    Ok(open.into_iter().collect())
}

pub async fn carriers(db: &mut PgConnection) -> sqlx::Result<HashSet<String>> {
    let codes: Vec<String> = sqlx::query_scalar("select code from carriers").fetch_all(db).await?;
    Ok(codes.into_iter().collect())
}

pub async fn add_carrier(db: &mut PgConnection, code: &str, zh: &str, en: &str) -> sqlx::Result<()> {
    sqlx::query("insert into carriers (code, name_zh, name_en) values ($1, $2, $3) on conflict do nothing")
        .bind(code)
        .bind(zh)
        .bind(en)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn insert_plans(db: &mut PgConnection, plans: &[PlanRow], now: OffsetDateTime) -> sqlx::Result<()> {
    let sql = "insert into plans (code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_unlimited,
                 data_bytes, minutes, sms, coverage, price_minor, currency, effect, carrier_product, created_at)
         select code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_unlimited,
                 data_bytes, minutes, sms, coverage, price_minor, currency, effect, carrier_product, $2
         from jsonb_populate_recordset(null::plans, $1)";
    each(db, sql, plans, Some(now)).await
}

pub async fn update_plans(db: &mut PgConnection, plans: &[PlanRow]) -> sqlx::Result<()> {
    let sql = "update plans p set carrier = n.carrier, kinds = n.kinds, name_zh = n.name_zh, name_en = n.name_en,
                 term_unit = n.term_unit, term_count = n.term_count, data_unlimited = n.data_unlimited,
                 data_bytes = n.data_bytes, minutes = n.minutes, sms = n.sms, coverage = n.coverage,
                 price_minor = n.price_minor, currency = n.currency, effect = n.effect,
                 carrier_product = n.carrier_product
         from jsonb_populate_recordset(null::plans, $1) n where p.code = n.code";
    each(db, sql, plans, None).await
}

pub async fn customers(db: &mut PgConnection, keys: &[&str]) -> sqlx::Result<Vec<KnownCustomer>> {
    sqlx::query_as(
        "select id, role, password_hash is not null as has_password, email_key, email, name, phone, language, time_zone
         from accounts where email_key = any($1) for update",
    )
    .bind(keys)
    .fetch_all(db)
    .await
}

pub async fn insert_customers(
    db: &mut PgConnection,
    customers: &[customers::Identified<'_>],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let sql = "insert into accounts (id, email, email_key, name, phone, language, time_zone, created_at)
         select id, email, email_key, name, phone, language, time_zone, $2
         from jsonb_populate_recordset(null::accounts, $1)";
    each(db, sql, customers, Some(now)).await
}

pub async fn update_customers(db: &mut PgConnection, customers: &[customers::Identified<'_>]) -> sqlx::Result<()> {
    let sql = "update accounts a set email = n.email, name = n.name, phone = n.phone, language = n.language,
                 time_zone = n.time_zone
         from jsonb_populate_recordset(null::accounts, $1) n where a.id = n.id";
    each(db, sql, customers, None).await
}

/// The lines, held or in stock, that carriers know by these ids of theirs: carrier, id, ICCID.
pub async fn by_carrier_line_id(
    db: &mut PgConnection,
    carriers: &[&str],
    ids: &[&str],
) -> sqlx::Result<Vec<(String, String, String)>> {
    sqlx::query_as(
        "select l.carrier, l.carrier_line_id, l.iccid from unnest($1::text[], $2::text[]) as named (carrier, id)
         join lines l on l.carrier = named.carrier and l.carrier_line_id = named.id and l.ended_at is null
         union all
         select s.carrier, s.carrier_line_id, s.iccid from unnest($1::text[], $2::text[]) as named (carrier, id)
         join stock_lines s on s.carrier = named.carrier and s.carrier_line_id = named.id",
    )
    .bind(carriers)
    .bind(ids)
    .fetch_all(db)
    .await
}

pub async fn held_lines(db: &mut PgConnection, carriers: &[&str], iccids: &[&str]) -> sqlx::Result<Vec<KnownLine>> {
    sqlx::query(
        "select from unnest($1::text[], $2::text[]) as named (carrier, iccid)
         join lines l on l.carrier = named.carrier and l.iccid = named.iccid and l.ended_at is null
         order by l.id for update of l",
    )
    .bind(carriers)
    .bind(iccids)
    .execute(&mut *db)
    .await?;
    sqlx::query_as(
        "select l.id, l.account_id, l.kind, l.carrier, l.iccid, l.msisdn, l.carrier_line_id, l.eid, l.activation_code, l.confirmation_code, l.label, l.plan,
                l.status, l.time_zone, l.valid_from, l.valid_until, l.anchor_day, l.data_unlimited,
                l.data_total_bytes, l.data_left_bytes, l.minutes_left, l.sms_left, l.carrier_balance_minor,
                l.carrier_balance_currency,
                exists (select from line_validities v where v.line_id = l.id and v.cause = 'renewal') as renewed,
                exists (select from orders o
                        where o.line_id = l.id and o.status in ('awaiting_payment', 'paid', 'needs_attention')) as ordered
         from unnest($1::text[], $2::text[]) as named (carrier, iccid)
         join lines l on l.carrier = named.carrier and l.iccid = named.iccid and l.ended_at is null",
    )
    .bind(carriers)
    .bind(iccids)
    .fetch_all(db)
    .await
}

/// The lines and the first entry of each one's ledger.
pub async fn insert_lines(db: &mut PgConnection, lines: &[lines::Identified], now: OffsetDateTime) -> sqlx::Result<()> {
    let sql = "with new as (
           insert into lines (id, account_id, kind, carrier, iccid, msisdn, carrier_line_id, eid, activation_code, confirmation_code, label, plan, status,
             time_zone, valid_from, valid_until, anchor_day, data_unlimited, data_total_bytes, data_left_bytes,
             minutes_left, sms_left, carrier_balance_minor, carrier_balance_currency, usage_as_of, since, created_at)
           select id, account_id, kind, carrier, iccid, msisdn, carrier_line_id, eid, activation_code, confirmation_code, label, plan, status,
             time_zone, valid_from, valid_until, anchor_day, data_unlimited, data_total_bytes, data_left_bytes,
             minutes_left, sms_left, carrier_balance_minor, carrier_balance_currency, $2, $2, $2
           from jsonb_populate_recordset(null::lines, $1)
           returning id, valid_from, valid_until, anchor_day)
         insert into line_validities (line_id, entry, cause, valid_from, valid_until, anchor_day, recorded_at)
         select id, 0, 'opening', valid_from, valid_until, anchor_day, $2 from new";
    each(db, sql, lines, Some(now)).await
}

/// Before the lines are updated: where the file moves a line's validity, the ledger says so.
pub async fn record_moved_validities(
    db: &mut PgConnection,
    lines: &[lines::Identified],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let sql = "insert into line_validities (line_id, entry, cause, valid_from, before_until, valid_until, anchor_day, recorded_at)
         select l.id, (select max(entry) + 1 from line_validities v where v.line_id = l.id), 'carrier',
                n.valid_from, l.valid_until, n.valid_until, n.anchor_day, $2
         from jsonb_populate_recordset(null::lines, $1) n join lines l on l.id = n.id
         where (n.valid_from, n.valid_until, n.anchor_day) <> (l.valid_from, l.valid_until, l.anchor_day)";
    each(db, sql, lines, Some(now)).await
}

pub async fn update_lines(db: &mut PgConnection, lines: &[lines::Identified], now: OffsetDateTime) -> sqlx::Result<()> {
    let sql = "update lines l set kind = n.kind, msisdn = n.msisdn, carrier_line_id = n.carrier_line_id, eid = n.eid, activation_code = n.activation_code, confirmation_code = n.confirmation_code,
                 label = n.label, plan = n.plan, status = n.status, valid_from = n.valid_from,
                 valid_until = n.valid_until, anchor_day = n.anchor_day, data_unlimited = n.data_unlimited,
                 data_total_bytes = n.data_total_bytes, data_left_bytes = n.data_left_bytes,
                 minutes_left = n.minutes_left, sms_left = n.sms_left,
                 carrier_balance_minor = n.carrier_balance_minor,
                 carrier_balance_currency = n.carrier_balance_currency,
                 usage_as_of = $2, version = l.version + 1
         from jsonb_populate_recordset(null::lines, $1) n where l.id = n.id";
    each(db, sql, lines, Some(now)).await
}

/// Claimed and imported at the same time, a line is one or the other: its row here is locked before any that is held.
pub async fn stock(db: &mut PgConnection, carriers: &[&str], iccids: &[&str]) -> sqlx::Result<Vec<KnownStock>> {
    sqlx::query(
        "select from unnest($1::text[], $2::text[]) as named (carrier, iccid)
         join stock_lines s on s.carrier = named.carrier and s.iccid = named.iccid order by s.id for update of s",
    )
    .bind(carriers)
    .bind(iccids)
    .execute(&mut *db)
    .await?;
    sqlx::query_as(
        "select s.id, null::uuid as account_id, s.kind, s.carrier, s.iccid, s.msisdn, s.carrier_line_id, s.eid, s.activation_code,
                s.confirmation_code, s.label, s.plan, s.status, 'UTC' as time_zone, s.valid_from, s.valid_until, s.anchor_day,
                s.data_unlimited, s.data_total_bytes, s.data_left_bytes, s.minutes_left, s.sms_left, s.carrier_balance_minor,
                s.carrier_balance_currency
         from unnest($1::text[], $2::text[]) as named (carrier, iccid)
         join stock_lines s on s.carrier = named.carrier and s.iccid = named.iccid",
    )
    .bind(carriers)
    .bind(iccids)
    .fetch_all(db)
    .await
}

pub async fn insert_stock(db: &mut PgConnection, lines: &[lines::Identified], now: OffsetDateTime) -> sqlx::Result<()> {
    let sql = "insert into stock_lines (id, kind, carrier, iccid, msisdn, carrier_line_id, eid, activation_code, confirmation_code,
             label, plan, status, valid_from, valid_until, anchor_day, data_unlimited, data_total_bytes, data_left_bytes,
             minutes_left, sms_left, carrier_balance_minor, carrier_balance_currency, imported_at)
         select id, kind, carrier, iccid, msisdn, carrier_line_id, eid, activation_code, confirmation_code,
             label, plan, status, valid_from, valid_until, anchor_day, data_unlimited, data_total_bytes, data_left_bytes,
             minutes_left, sms_left, carrier_balance_minor, carrier_balance_currency, $2
         from jsonb_populate_recordset(null::stock_lines, $1)";
    each(db, sql, lines, Some(now)).await
}

pub async fn update_stock(db: &mut PgConnection, lines: &[lines::Identified], now: OffsetDateTime) -> sqlx::Result<()> {
    let sql =
        "update stock_lines s set kind = n.kind, msisdn = n.msisdn, carrier_line_id = n.carrier_line_id, eid = n.eid,
                 activation_code = n.activation_code, confirmation_code = n.confirmation_code, label = n.label,
                 plan = n.plan, status = n.status, valid_from = n.valid_from, valid_until = n.valid_until,
                 anchor_day = n.anchor_day, data_unlimited = n.data_unlimited, data_total_bytes = n.data_total_bytes,
                 data_left_bytes = n.data_left_bytes, minutes_left = n.minutes_left, sms_left = n.sms_left,
                 carrier_balance_minor = n.carrier_balance_minor,
                 carrier_balance_currency = n.carrier_balance_currency, imported_at = $2
         from jsonb_populate_recordset(null::stock_lines, $1) n where s.id = n.id";
    each(db, sql, lines, Some(now)).await
}

/// The file names who holds them.
pub async fn take_out_of_stock(db: &mut PgConnection, lines: &[lines::Identified]) -> sqlx::Result<()> {
    let sql = "delete from stock_lines s using jsonb_populate_recordset(null::stock_lines, $1) n
         where s.carrier = n.carrier and s.iccid = n.iccid";
    each(db, sql, lines, None).await
}

async fn each<T: Serialize + Sync>(
    db: &mut PgConnection,
    sql: &'static str,
    rows: &[T],
    now: Option<OffsetDateTime>,
) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(sql).bind(Json(rows));
    let query = match now {
        Some(now) => query.bind(now),
        None => query,
    };
    query.execute(db).await?;
    Ok(())
}
