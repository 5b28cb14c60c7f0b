//! Whether this process lives, and whether it can serve.

use crate::db::tables;
use axum::extract::State;
use axum::http::StatusCode;
use sqlx::PgPool;

/// `GET /health/live`: the process answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// `GET /health/ready`: the database answers, and its tables are as new as this program.
pub async fn ready(State(pool): State<PgPool>) -> (StatusCode, &'static str) {
    match tables::are_current(&pool).await {
        Ok(true) => (StatusCode::OK, "ready\n"),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "the tables are older than this program; run migrate\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
