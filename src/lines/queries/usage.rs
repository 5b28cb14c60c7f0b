//! What keeps lines in step with their carriers: which are due to be asked after, and what an answer changes.

use super::line_columns;
use crate::ids::{LineId, OrderId};
use crate::lines::model::Line;
use sqlx::{PgConnection, PgExecutor};
use time::{Date, OffsetDateTime};

/// A line with what must be known to weigh an answer about it.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Watched {
    #[sqlx(flatten)]
    pub line: Line,
    pub version: i32,
    pub sync_failures: i32,
    /// When its newest renewal was written down, by which order, and the last day that gave.
    pub renewed_at: Option<OffsetDateTime>,
    pub renewed_by: Option<OrderId>,
    pub renewed_until: Option<Date>,
}

#[derive(sqlx::FromRow, Clone, Copy, Debug)]
pub struct Due {
    pub id: LineId,
    pub sync_rank: i16,
}

macro_rules! watched {
    () => {
        concat!(
            "select ",
            line_columns!(),
            ", l.version, l.sync_failures, r.recorded_at as renewed_at, r.order_id as renewed_by, r.valid_until as renewed_until
             from lines l left join lateral (
               select recorded_at, order_id, valid_until from line_validities v
               where v.line_id = l.id and v.cause = 'renewal' order by v.entry desc limit 1) r on true
             where l.id = $1 and l.ended_at is null"
        )
    };
}

pub async fn watched(executor: impl PgExecutor<'_>, line: LineId) -> sqlx::Result<Option<Watched>> {
    sqlx::query_as(watched!()).bind(line).fetch_optional(executor).await
}

pub async fn lock_watched(conn: &mut PgConnection, line: LineId) -> sqlx::Result<Option<Watched>> {
    super::lock(conn, line).await?;
    watched(conn, line).await
}

/// Lines whose carrier is to be asked now, at most so many of each rank, the longest due first.
pub async fn due(
    executor: impl PgExecutor<'_>,
    carrier: &str,
    now: OffsetDateTime,
    of_each_rank: i64,
) -> sqlx::Result<Vec<Due>> {
    sqlx::query_as(
        "select d.id, d.sync_rank from (values (0::smallint), (1::smallint), (2::smallint)) r (rank)
         cross join lateral (
           select id, sync_rank, next_sync_at from lines
           where carrier = $1 and sync_rank = r.rank and next_sync_at <= $2 and ended_at is null
           order by next_sync_at limit $3) d
         order by d.sync_rank, d.next_sync_at",
    )
    .bind(carrier)
    .bind(now)
    .bind(of_each_rank)
    .fetch_all(executor)
    .await
}

/// Notes that the carrier is asked now. False where it was asked after `since` already: only one of several gets through.
pub async fn begin_asking(
    executor: impl PgExecutor<'_>,
    line: LineId,
    now: OffsetDateTime,
    since: OffsetDateTime,
) -> sqlx::Result<bool> {
    let begun = sqlx::query(
        "update lines set asked_at = $2
         where id = $1 and ended_at is null and (asked_at is null or asked_at <= $3 or asked_at > $2)",
    )
    .bind(line)
    .bind(now)
    .bind(since)
    .execute(executor)
    .await?;
    Ok(begun.rows_affected() == 1)
}

/// When the line is asked after next. With `answered` the count of failures starts anew.
pub async fn put_off(
    executor: impl PgExecutor<'_>,
    line: LineId,
    until: OffsetDateTime,
    rank: i16,
    failures: i32,
    answered: Option<OffsetDateTime>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update lines set next_sync_at = $2, sync_rank = $3, sync_failures = $4, synced_at = coalesce($5, synced_at)
         where id = $1",
    )
    .bind(line)
    .bind(until)
    .bind(rank)
    .bind(failures)
    .bind(answered)
    .execute(executor)
    .await?;
    Ok(())
}

/// Before all that is not as urgent.
pub async fn sync_now(conn: &mut PgConnection, line: LineId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update lines set next_sync_at = least(next_sync_at, $2), sync_rank = 0 where id = $1")
        .bind(line)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Before all that is not as urgent, however lately the carrier was asked: what it said is of before it changed the line.
pub async fn sync_anew(conn: &mut PgConnection, line: LineId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query(
        "update lines set next_sync_at = least(next_sync_at, $2), sync_rank = 0, asked_at = null where id = $1",
    )
    .bind(line)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// The line somebody holds now. An ICCID may have been another line's before, so it only speaks for a line whose carrier
/// gives it no other id.
pub async fn find_held(
    conn: &mut PgConnection,
    carrier: &str,
    carrier_line_id: Option<&str>,
    iccid: Option<&str>,
) -> sqlx::Result<Option<LineId>> {
    sqlx::query_scalar(
        "select id from lines
         where carrier = $1 and ended_at is null
           and (carrier_line_id = $2 or (iccid = $3 and ($2::text is null or carrier_line_id is null)))
         order by carrier_line_id is null limit 1",
    )
    .bind(carrier)
    .bind(carrier_line_id)
    .bind(iccid)
    .fetch_optional(conn)
    .await
}

/// Makes of the line what its carrier says it is. Days that changed leave an entry in the ledger.
pub async fn rewrite(conn: &mut PgConnection, was: &Line, is: &Line, now: OffsetDateTime) -> sqlx::Result<()> {
    if was.valid_until != is.valid_until {
        sqlx::query(
            "insert into line_validities (line_id, entry, cause, valid_from, before_until, valid_until, anchor_day, recorded_at)
             select $1, max(entry) + 1, 'carrier', $2, $3, $4, $5, $6 from line_validities where line_id = $1",
        )
        .bind(was.id)
        .bind(is.valid_from)
        .bind(was.valid_until)
        .bind(is.valid_until)
        .bind(is.anchor_day)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query(
        "update lines set status = $2, valid_from = $3, valid_until = $4, anchor_day = $5, data_unlimited = $6,
                data_total_bytes = $7, data_left_bytes = $8, minutes_left = $9, sms_left = $10, usage_as_of = $11,
                carrier_balance_minor = $12, carrier_balance_currency = $13, installed = $14, installed_as_of = $15, version = version + 1
         where id = $1",
    )
    .bind(was.id)
    .bind(&is.status)
    .bind(is.valid_from)
    .bind(is.valid_until)
    .bind(is.anchor_day)
    .bind(is.data_unlimited)
    .bind(is.data_total_bytes)
    .bind(is.data_left_bytes)
    .bind(is.minutes_left)
    .bind(is.sms_left)
    .bind(is.usage_as_of)
    .bind(is.carrier_balance_minor)
    .bind(&is.carrier_balance_currency)
    .bind(is.installed)
    .bind(is.installed_as_of)
    .execute(conn)
    .await?;
    Ok(())
}
