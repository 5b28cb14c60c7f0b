mod profiles;
mod renewals;

pub use profiles::{Profile, has_matching_id, lock_profile, save_profile};
pub use renewals::{
    Renewal, count_try, done_like, insert_renewal, renewal, renewal_numbered, renewals_named, renewals_of, times_done,
};

use sqlx::{PgConnection, PgExecutor, PgPool};
use time::{Date, OffsetDateTime};

use super::wire::LineBody;
use crate::money::Currency;
use crate::plans::effect::Effect;
use crate::plans::term::Term;

const CREATING: i64 = 7_307_002;

/// Two starts at once take turns: `create ... if not exists` alone lets one of them fail.
pub async fn create_schema(pool: &PgPool) -> sqlx::Result<()> {
    let mut tx = crate::db::begin(pool).await?;
    sqlx::query("select pg_advisory_xact_lock($1)").bind(CREATING).execute(&mut *tx).await?;
    sqlx::raw_sql(include_str!("../schema.sql")).execute(&mut *tx).await?;
    tx.commit().await
}

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Line {
    pub carrier: String,
    pub iccid: String,
    pub line_id: String,
    pub msisdn: Option<String>,
    pub valid_from: Date,
    pub valid_until: Date,
    pub anchor_day: i16,
    pub time_zone: String,
    pub state: String,
    pub data_total_bytes: i64,
    pub data_left_bytes: i64,
    pub data_given_bytes: i64,
    pub data_unlimited: bool,
}

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Product {
    pub code: String,
    pub title: String,
    #[sqlx(try_from = "String")]
    pub effect: Effect,
    term_unit: String,
    term_count: i32,
    pub data_unlimited: bool,
    pub data_bytes: Option<i64>,
    pub coverage: Vec<String>,
    pub cost_minor: i64,
    #[sqlx(try_from = "String")]
    pub currency: Currency,
}

impl Product {
    pub fn term(&self) -> sqlx::Result<Term> {
        Term::of(self.term_count, &self.term_unit).map_err(|error| sqlx::Error::Decode(Box::new(error)))
    }
}

/// The carrier's own truth; a line it never saw is as it is told.
pub async fn be_told(conn: &mut PgConnection, told: &LineBody) -> sqlx::Result<()> {
    sqlx::query(
        "insert into simulator.lines (carrier, iccid, msisdn, valid_from, valid_until, anchor_day, time_zone)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
    )
    .bind(&told.carrier)
    .bind(&told.iccid)
    .bind(&told.msisdn)
    .bind(told.valid_from)
    .bind(told.valid_until)
    .bind(i16::from(told.anchor_day))
    .bind(&told.time_zone)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn lock_line(conn: &mut PgConnection, carrier: &str, iccid: &str) -> sqlx::Result<Option<Line>> {
    sqlx::query_as("select * from simulator.lines where carrier = $1 and iccid = $2 for update")
        .bind(carrier)
        .bind(iccid)
        .fetch_optional(conn)
        .await
}

/// What waits for the end of what is on the line.
pub struct Queued {
    pub starts_on: Date,
    pub data_bytes: i64,
    pub data_unlimited: bool,
}

pub async fn queue(conn: &mut PgConnection, line: &Line, queued: &Queued) -> sqlx::Result<()> {
    sqlx::query(
        "insert into simulator.queued (carrier, iccid, starts_on, data_bytes, data_unlimited) values ($1, $2, $3, $4, $5)",
    )
    .bind(&line.carrier)
    .bind(&line.iccid)
    .bind(queued.starts_on)
    .bind(queued.data_bytes)
    .bind(queued.data_unlimited)
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts on the lines what waited for this day; what was left of the plan before has ended with it.
pub async fn turn_over(db: impl PgExecutor<'_>, carrier: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query(
        "with begun as (
           delete from simulator.queued q using simulator.lines l
            where q.carrier = $1 and l.carrier = q.carrier and l.iccid = q.iccid
              and q.starts_on <= ($2 at time zone l.time_zone)::date
           returning q.*),
         newest as (select distinct on (iccid) * from begun order by iccid, starts_on desc, number desc)
         update simulator.lines l
            set data_total_bytes = n.data_bytes, data_left_bytes = n.data_bytes, data_unlimited = n.data_unlimited,
                state = case l.state when 'depleted' then 'active' else l.state end
           from newest n where l.carrier = $1 and l.iccid = n.iccid",
    )
    .bind(carrier)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// As it stands now, by ICCID, number or the carrier's own id.
pub async fn line(pool: &PgPool, now: OffsetDateTime, carrier: &str, key: &str) -> sqlx::Result<Option<Line>> {
    turn_over(pool, carrier, now).await?;
    sqlx::query_as(
        "select * from simulator.lines
         where carrier = $1 and (iccid = $2 or line_id = $2 or msisdn = $2 or msisdn = '+' || $2)",
    )
    .bind(carrier)
    .bind(key)
    .fetch_optional(pool)
    .await
}

pub async fn move_line(conn: &mut PgConnection, line: &Line) -> sqlx::Result<()> {
    sqlx::query(
        "update simulator.lines set valid_from = $3, valid_until = $4, anchor_day = $5, state = $6,
                data_total_bytes = $7, data_left_bytes = $8, data_given_bytes = $9, data_unlimited = $10
         where carrier = $1 and iccid = $2",
    )
    .bind(&line.carrier)
    .bind(&line.iccid)
    .bind(line.valid_from)
    .bind(line.valid_until)
    .bind(line.anchor_day)
    .bind(&line.state)
    .bind(line.data_total_bytes)
    .bind(line.data_left_bytes)
    .bind(line.data_given_bytes)
    .bind(line.data_unlimited)
    .execute(conn)
    .await?;
    Ok(())
}

/// False where the line is in none of these states.
pub async fn change_state(
    db: impl PgExecutor<'_>,
    carrier: &str,
    line_id: &str,
    from: &[&str],
    to: &str,
) -> sqlx::Result<bool> {
    let changed =
        sqlx::query("update simulator.lines set state = $4 where carrier = $1 and line_id = $2 and state = any($3)")
            .bind(carrier)
            .bind(line_id)
            .bind(from)
            .bind(to)
            .execute(db)
            .await?;
    Ok(changed.rows_affected() == 1)
}

pub async fn products(db: impl PgExecutor<'_>, carrier: &str) -> sqlx::Result<Vec<Product>> {
    sqlx::query_as("select * from simulator.products where carrier = $1 and not withdrawn order by code")
        .bind(carrier)
        .fetch_all(db)
        .await
}

pub async fn product(db: impl PgExecutor<'_>, carrier: &str, code: &str) -> sqlx::Result<Option<Product>> {
    sqlx::query_as("select * from simulator.products where carrier = $1 and code = $2 and not withdrawn")
        .bind(carrier)
        .bind(code)
        .fetch_optional(db)
        .await
}

/// What the operator has left: minor units and their currency.
pub async fn credit(db: impl PgExecutor<'_>, carrier: &str) -> sqlx::Result<Option<(i64, String)>> {
    sqlx::query_as("select minor, currency from simulator.wallets where carrier = $1")
        .bind(carrier)
        .fetch_optional(db)
        .await
}

/// Pays for a product. False where the operator has too little left.
pub async fn pay(conn: &mut PgConnection, carrier: &str, product: &Product) -> sqlx::Result<bool> {
    let paid = sqlx::query(
        "update simulator.wallets set minor = minor - $2 where carrier = $1 and currency = $3 and minor >= $2",
    )
    .bind(carrier)
    .bind(product.cost_minor)
    .bind(product.currency.code())
    .execute(&mut *conn)
    .await?;
    Ok(paid.rows_affected() == 1 || credit(conn, carrier).await?.is_none())
}
