use serde::Serialize;
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use super::change::NewRange;
use super::model::{Kind, Range};
use super::recognise::Carrier;

pub async fn longest(db: &mut PgConnection, kind: Kind, prefixes: &[&str]) -> sqlx::Result<Option<Carrier>> {
    sqlx::query_as(
        "select carrier as code, line_kind, plan from number_ranges
         where kind = $1 and prefix = any($2) order by length(prefix) desc limit 1",
    )
    .bind(kind.as_str())
    .bind(prefixes)
    .fetch_optional(db)
    .await
}

/// Cards first, then numbers, each in the order of its digits.
pub async fn every(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Range>> {
    sqlx::query_as("select * from number_ranges order by kind, prefix collate \"C\"").fetch_all(db).await
}

pub async fn by_id(db: impl PgExecutor<'_>, id: i64) -> sqlx::Result<Option<Range>> {
    sqlx::query_as("select * from number_ranges where id = $1").bind(id).fetch_optional(db).await
}

pub async fn knows_carrier(db: impl PgExecutor<'_>, carrier: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from carriers where code = $1)").bind(carrier).fetch_one(db).await
}

/// Whose plan it is, and for which kinds of lines.
pub async fn plan(db: impl PgExecutor<'_>, code: &str) -> sqlx::Result<Option<(String, Vec<String>)>> {
    sqlx::query_as("select carrier, kinds from plans where code = $1").bind(code).fetch_optional(db).await
}

/// `None` where the beginning is taken already.
pub async fn insert(db: impl PgExecutor<'_>, range: &NewRange, now: OffsetDateTime) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "insert into number_ranges (kind, prefix, carrier, line_kind, plan, note, created_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (kind, prefix) do nothing returning id",
    )
    .bind(range.kind.as_str())
    .bind(range.prefix.as_str())
    .bind(&range.carrier)
    .bind(&range.line_kind)
    .bind(&range.plan)
    .bind(&range.note)
    .bind(now)
    .fetch_optional(db)
    .await
}

pub async fn holder(db: impl PgExecutor<'_>, range: &NewRange) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select carrier from number_ranges where kind = $1 and prefix = $2")
        .bind(range.kind.as_str())
        .bind(range.prefix.as_str())
        .fetch_optional(db)
        .await
}

pub async fn delete(db: impl PgExecutor<'_>, id: i64) -> sqlx::Result<Option<Range>> {
    sqlx::query_as("delete from number_ranges where id = $1 returning *").bind(id).fetch_optional(db).await
}

/// Many at once, in place of what their beginnings said before.
pub async fn save_all<T: Serialize + Sync>(db: &mut PgConnection, rows: &[T], now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query(
        "insert into number_ranges (kind, prefix, carrier, line_kind, plan, note, created_at)
         select kind, prefix, carrier, line_kind, plan, note, $2 from jsonb_populate_recordset(null::number_ranges, $1)
         on conflict (kind, prefix) do update set carrier = excluded.carrier, line_kind = excluded.line_kind,
           plan = excluded.plan, note = excluded.note",
    )
    .bind(Json(rows))
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}
