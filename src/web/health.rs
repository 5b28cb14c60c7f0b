//! Whether this process lives, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use sqlx::PgPool;

/// `GET /health/live`: the process answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// `GET /health/ready`: the database answers too.
pub async fn ready(State(pool): State<PgPool>) -> (StatusCode, &'static str) {
    match sqlx::query("select 1").execute(&pool).await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
