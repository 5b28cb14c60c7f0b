use sqlx::{PgConnection, PgExecutor};
use time::{Date, OffsetDateTime};

/// A decided request: done when it is due, unless it was refused.
#[derive(sqlx::FromRow)]
pub struct Renewal {
    pub request_id: String,
    /// The carrier's own reference; 0 before it is written down.
    pub number: i64,
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

pub async fn renewal_numbered(db: impl PgExecutor<'_>, carrier: &str, number: i64) -> sqlx::Result<Option<Renewal>> {
    sqlx::query_as("select * from simulator.renewals where carrier = $1 and number = $2")
        .bind(carrier)
        .bind(number)
        .fetch_optional(db)
        .await
}

/// Of one line, oldest first.
pub async fn renewals_of(db: impl PgExecutor<'_>, carrier: &str, iccid: &str) -> sqlx::Result<Vec<Renewal>> {
    sqlx::query_as("select * from simulator.renewals where carrier = $1 and iccid = $2 order by number")
        .bind(carrier)
        .bind(iccid)
        .fetch_all(db)
        .await
}

/// How often a request was done whose id may have been numbered.
pub async fn times_done(db: impl PgExecutor<'_>, request_id: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from simulator.renewals
         where refused is null and split_part(request_id, '#', 1) = $1",
    )
    .bind(request_id)
    .fetch_one(db)
    .await
}

/// Renewals that were done and whose id contains the text, the newest first.
pub async fn done_like(db: impl PgExecutor<'_>, carrier: &str, text: &str, limit: i64) -> sqlx::Result<Vec<Renewal>> {
    sqlx::query_as(
        "select * from simulator.renewals
         where carrier = $1 and refused is null and position($2 in request_id) > 0
         order by number desc limit $3",
    )
    .bind(carrier)
    .bind(text)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// All of a carrier, or those of one id, which may have been numbered; oldest first.
pub async fn renewals_named(
    db: impl PgExecutor<'_>,
    carrier: &str,
    request_id: Option<&str>,
) -> sqlx::Result<Vec<Renewal>> {
    sqlx::query_as(
        "select * from simulator.renewals
         where carrier = $1 and ($2 is null or split_part(request_id, '#', 1) = $2) order by number",
    )
    .bind(carrier)
    .bind(request_id)
    .fetch_all(db)
    .await
}

/// Returns the carrier's own reference.
pub async fn insert_renewal(conn: &mut PgConnection, renewal: &Renewal) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into simulator.renewals (request_id, fingerprint, carrier, iccid, product, refused,
           before_until, valid_until, received_at, due_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning number",
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
    .fetch_one(conn)
    .await
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
