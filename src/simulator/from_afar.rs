//! What is done to a line without touching the phone: its state is changed, its data is used.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::api::error;
use super::face::broken;
use super::queries::{self, Line};
use super::wire::LineReply;
use super::{App, notify};

/// Percent of the data that is little.
const LITTLE: i64 = 20;

#[derive(Deserialize)]
pub struct ChangeBody {
    state: String,
}

#[derive(Deserialize)]
pub struct ConsumeBody {
    bytes: i64,
}

/// `PUT /v1/lines/{carrier}/{iccid}/state`: `active` or `suspended`. The same twice changes nothing.
pub async fn change(
    State(app): State<App>,
    Path((carrier, iccid)): Path<(String, String)>,
    body: Result<Json<ChangeBody>, JsonRejection>,
) -> Response {
    let Ok(Json(ChangeBody { state })) = body else { return error(StatusCode::BAD_REQUEST, "malformed") };
    if !["active", "suspended"].contains(&state.as_str()) {
        return error(StatusCode::BAD_REQUEST, "malformed");
    }
    let changed = move_line(&app, &carrier, &iccid, |line| {
        let takes = matches!(line.state.as_str(), "new" | "active" | "depleted" | "suspended");
        takes.then(|| Line { state: if line.state == state { line.state.clone() } else { state }, ..line })
    });
    match changed.await {
        Ok(Some(Some(line))) => {
            notify::of_line(&app, "line_changed", &line);
            Json(LineReply::of(line, app.clock.now())).into_response()
        }
        Ok(Some(None)) => error(StatusCode::CONFLICT, "not_in_this_state"),
        Ok(None) => error(StatusCode::NOT_FOUND, "unknown_line"),
        Err(cause) => broken(&cause),
    }
}

/// `POST /v1/lines/{carrier}/{iccid}/usage`: as if the phone had used so much.
pub async fn consume(
    State(app): State<App>,
    Path((carrier, iccid)): Path<(String, String)>,
    body: Result<Json<ConsumeBody>, JsonRejection>,
) -> Response {
    let Ok(Json(ConsumeBody { bytes })) = body else { return error(StatusCode::BAD_REQUEST, "malformed") };
    let used = move_line(&app, &carrier, &iccid, |line| {
        let data_left_bytes = line.data_left_bytes.saturating_sub(bytes).max(0);
        Some(Line { data_left_bytes, ..line })
    });
    match used.await {
        Ok(Some(Some(line))) => {
            if line.data_left_bytes <= line.data_total_bytes / 100 * LITTLE {
                notify::of_line(&app, "low_data", &line);
            }
            Json(LineReply::of(line, app.clock.now())).into_response()
        }
        Ok(_) => error(StatusCode::NOT_FOUND, "unknown_line"),
        Err(cause) => broken(&cause),
    }
}

/// `None`: there is no such line; `Some(None)`: it stays as it is.
async fn move_line(
    app: &App,
    carrier: &str,
    iccid: &str,
    to: impl FnOnce(Line) -> Option<Line>,
) -> sqlx::Result<Option<Option<Line>>> {
    let mut tx = crate::db::begin(&app.pool).await?;
    queries::turn_over(&mut *tx, carrier, app.clock.now()).await?;
    let Some(line) = queries::lock_line(&mut tx, carrier, iccid).await? else { return Ok(None) };
    let Some(line) = to(line) else { return Ok(Some(None)) };
    queries::move_line(&mut tx, &line).await?;
    tx.commit().await?;
    Ok(Some(Some(line)))
}
