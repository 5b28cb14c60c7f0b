use sqlx::{PgConnection, PgPool};
use time::{Date, OffsetDateTime};

use super::wire::LineBody;

const CREATING: i64 = 7_307_002;

/// Two starts at once take turns: `create ... if not exists` alone lets one of them fail.
pub async fn create_schema(pool: &PgPool) -> sqlx::Result<()> {
    let mut tx = crate::db::begin(pool).await?;
    sqlx::query("select pg_advisory_xact_lock($1)").bind(CREATING).execute(&mut *tx).await?;
    sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *tx).await?;
    tx.commit().await
}

#[derive(sqlx::FromRow)]
pub struct Line {
    pub valid_from: Date,
    pub valid_until: Date,
    pub anchor_day: i16,
    pub time_zone: String,
}

/// The carrier's own truth; a line it never saw is as it is told.
pub async fn lock_line(conn: &mut PgConnection, told: &LineBody) -> sqlx::Result<Line> {
    sqlx::query(
        "insert into simulator.lines (carrier, iccid, valid_from, valid_until, anchor_day, time_zone)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(&told.carrier)
    .bind(&told.iccid)
    .bind(told.valid_from)
    .bind(told.valid_until)
    .bind(i16::from(told.anchor_day))
    .bind(&told.time_zone)
    .execute(&mut *conn)
    .await?;
    sqlx::query_as(
        "select valid_from, valid_until, anchor_day, time_zone from simulator.lines
         where carrier = $1 and iccid = $2 for update",
    )
    .bind(&told.carrier)
    .bind(&told.iccid)
    .fetch_one(conn)
    .await
}

pub async fn move_line(conn: &mut PgConnection, told: &LineBody, line: &Line) -> sqlx::Result<()> {
    sqlx::query(
        "update simulator.lines set valid_from = $3, valid_until = $4, anchor_day = $5
         where carrier = $1 and iccid = $2",
    )
    .bind(&told.carrier)
    .bind(&told.iccid)
    .bind(line.valid_from)
    .bind(line.valid_until)
    .bind(line.anchor_day)
    .execute(conn)
    .await?;
    Ok(())
}

/// A decided request: done when it is due, unless it was refused.
#[derive(sqlx::FromRow)]
pub struct Renewal {
    pub request_id: String,
    pub fingerprint: Vec<u8>,
    pub carrier: String,
    pub iccid: String,
    pub product: String,
    pub refused: Option<String>,
    pub before_until: Date,
    pub valid_until: Date,
    pub received_at: OffsetDateTime,
    pub due_at: OffsetDateTime,
}

pub async fn renewal(conn: &mut PgConnection, request_id: &str) -> sqlx::Result<Option<Renewal>> {
    sqlx::query_as("select * from simulator.renewals where request_id = $1").bind(request_id).fetch_optional(conn).await
}

pub async fn insert_renewal(conn: &mut PgConnection, renewal: &Renewal) -> sqlx::Result<()> {
    sqlx::query(
        "insert into simulator.renewals (request_id, fingerprint, carrier, iccid, product, refused,
           before_until, valid_until, received_at, due_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&renewal.request_id)
    .bind(&renewal.fingerprint)
    .bind(&renewal.carrier)
    .bind(&renewal.iccid)
    .bind(&renewal.product)
    .bind(&renewal.refused)
    .bind(renewal.before_until)
    .bind(renewal.valid_until)
    .bind(renewal.received_at)
    .bind(renewal.due_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Counts a try that was not decided yet; returns how many there were, this one included.
pub async fn count_try(conn: &mut PgConnection, request_id: &str) -> sqlx::Result<i32> {
    sqlx::query_scalar(
        "insert into simulator.tries (request_id, count) values ($1, 1)
         on conflict (request_id) do update set count = tries.count + 1 returning count",
    )
    .bind(request_id)
    .fetch_one(conn)
    .await
}
