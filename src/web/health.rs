//! Whether this process lives, and whether it can serve.

use crate::db::MIGRATOR;
use axum::extract::State;
use axum::http::StatusCode;
use sqlx::PgPool;

/// `GET /health/live`: the process answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// `GET /health/ready`: the database answers, and its tables are as new as this program.
pub async fn ready(State(pool): State<PgPool>) -> (StatusCode, &'static str) {
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
    let current = sqlx::query_scalar("select coalesce(max(version), 0) >= $1 from _sqlx_migrations where success");
    match current.bind(newest).fetch_one(&pool).await {
        Ok(true) => (StatusCode::OK, "ready\n"),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "the tables are older than this program; run migrate\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
