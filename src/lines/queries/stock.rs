//! Lines that nobody holds yet, and how one gets a holder.

use crate::ids::{AccountId, LineId};
use crate::numbers::{ActivationCode, Iccid, Msisdn};
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

/// A line in stock, by what it may be claimed by.
#[derive(sqlx::FromRow, Clone, Debug, PartialEq, Eq)]
pub struct Stock {
    pub id: LineId,
    pub carrier: String,
    pub iccid: String,
    pub msisdn: Option<String>,
    pub carrier_line_id: Option<String>,
}

/// A line that somebody holds, by the same.
#[derive(sqlx::FromRow, Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    pub id: LineId,
    pub account_id: AccountId,
    pub iccid: String,
    pub msisdn: Option<String>,
    pub carrier_line_id: Option<String>,
}

impl Stock {
    /// The ICCID is used again, and the carrier's own ids say so. Where one of them is not known nothing says so.
    pub fn follows(&self, held: &Holding) -> bool {
        let ids = self.carrier_line_id.as_ref().zip(held.carrier_line_id.as_ref());
        self.iccid == held.iccid && ids.is_some_and(|(new, old)| new != old)
    }
}

macro_rules! stock {
    ($rest:literal) => {
        concat!("select id, carrier, iccid, msisdn, carrier_line_id from stock_lines where ", $rest)
    };
}

macro_rules! held {
    ($rest:literal) => {
        concat!("select id, account_id, iccid, msisdn, carrier_line_id from lines where ended_at is null and ", $rest)
    };
}

/// Codes are written in capitals; people copy them as they please.
pub async fn stock_by_code(db: impl PgExecutor<'_>, code: &ActivationCode) -> sqlx::Result<Vec<Stock>> {
    sqlx::query_as(stock!("lower(activation_code) = lower($1) limit 2")).bind(code.to_string()).fetch_all(db).await
}

pub async fn stock_by_iccid(db: impl PgExecutor<'_>, iccid: &Iccid) -> sqlx::Result<Vec<Stock>> {
    sqlx::query_as(stock!("iccid = $1 limit 2")).bind(iccid.as_str()).fetch_all(db).await
}

pub async fn stock_by_msisdn(db: impl PgExecutor<'_>, number: &Msisdn) -> sqlx::Result<Vec<Stock>> {
    sqlx::query_as(stock!("msisdn = $1 limit 2")).bind(number.as_str()).fetch_all(db).await
}

/// `None`: somebody else was faster.
pub async fn lock_stock(db: &mut PgConnection, id: LineId) -> sqlx::Result<Option<Stock>> {
    sqlx::query_as(stock!("id = $1 for update")).bind(id).fetch_optional(db).await
}

pub async fn held_by_iccid(db: impl PgExecutor<'_>, iccid: &Iccid) -> sqlx::Result<Vec<Holding>> {
    sqlx::query_as(held!("iccid = $1 limit 2")).bind(iccid.as_str()).fetch_all(db).await
}

pub async fn held_by_msisdn(db: impl PgExecutor<'_>, number: &Msisdn) -> sqlx::Result<Vec<Holding>> {
    sqlx::query_as(held!("reverse(msisdn) = reverse($1) limit 2")).bind(number.as_str()).fetch_all(db).await
}

/// Only among an account's own lines: whose code it is otherwise is nobody's business.
pub async fn own_by_code(
    db: impl PgExecutor<'_>,
    account: AccountId,
    code: &ActivationCode,
) -> sqlx::Result<Option<LineId>> {
    sqlx::query_scalar(
        "select id from lines where account_id = $1 and ended_at is null and lower(activation_code) = lower($2) limit 1",
    )
    .bind(account)
    .bind(code.to_string())
    .fetch_optional(db)
    .await
}

/// Who holds what a line in stock may be the same as, or follow on. They stay locked.
pub async fn rivals(db: &mut PgConnection, stock: &Stock) -> sqlx::Result<Vec<Holding>> {
    sqlx::query_as(held!("carrier = $1 and (iccid = $2 or carrier_line_id = $3) order by id for update"))
        .bind(&stock.carrier)
        .bind(&stock.iccid)
        .bind(&stock.carrier_line_id)
        .fetch_all(db)
        .await
}

/// Takes the line out of stock and gives it to the account, counted in its days; its carrier is asked about it soon.
pub async fn hold(db: &mut PgConnection, stock: LineId, account: AccountId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query(
        "with taken as (delete from stock_lines where id = $1 returning *),
         held as (
           insert into lines (id, account_id, kind, carrier, iccid, msisdn, carrier_line_id, eid, activation_code, confirmation_code,
             label, plan, status, time_zone, valid_from, valid_until, anchor_day, data_unlimited, data_total_bytes, data_left_bytes,
             minutes_left, sms_left, carrier_balance_minor, carrier_balance_currency, usage_as_of, next_sync_at, sync_rank, since, created_at)
           select t.id, a.id, t.kind, t.carrier, t.iccid, t.msisdn, t.carrier_line_id, t.eid, t.activation_code, t.confirmation_code,
             t.label, t.plan, t.status, a.time_zone, t.valid_from, t.valid_until, t.anchor_day, t.data_unlimited, t.data_total_bytes, t.data_left_bytes,
             t.minutes_left, t.sms_left, t.carrier_balance_minor, t.carrier_balance_currency, t.imported_at, $3, 0, $3, $3
           from taken t cross join accounts a where a.id = $2
           returning id, valid_from, valid_until, anchor_day)
         insert into line_validities (line_id, entry, cause, valid_from, valid_until, anchor_day, recorded_at)
         select id, 0, 'opening', valid_from, valid_until, anchor_day, $3 from held",
    )
    .bind(stock)
    .bind(account)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// The line is nobody's any more; its history stays with who held it.
pub async fn end(db: &mut PgConnection, line: LineId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update lines set ended_at = $2, version = version + 1 where id = $1 and ended_at is null")
        .bind(line)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// What a former holder called the lines they held, and what they were installed with and on.
pub async fn forget(db: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query(
        "update lines set label = '', eid = null, activation_code = null, confirmation_code = null
         where account_id = $1 and ended_at is not null",
    )
    .bind(account)
    .execute(db)
    .await
    .map(drop)
}
