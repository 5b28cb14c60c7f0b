use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Json, Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;

use super::App;
use super::queries;
use super::renew::{Reaction, RenewError, renew};
use super::wire::{ErrorReply, QuoteBody, QuoteReply, RenewalBody, RenewalReply};
use crate::calendar::Zone;

const LARGEST_REQUEST: usize = 64 * 1024;

pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/quotes", post(quote))
        .route("/v1/renewals", post(submit))
        .route("/v1/renewals/{request_id}", get(find))
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .with_state(app)
}

/// Every line looks renewable from here; what refuses does so when it comes to it.
async fn quote(State(app): State<App>, body: Result<Json<QuoteBody>, JsonRejection>) -> Response {
    let Ok(Json(body)) = body else {
        return error(StatusCode::BAD_REQUEST, "malformed");
    };
    if Zone::parse(&body.line.time_zone).is_err() {
        return error(StatusCode::BAD_REQUEST, "malformed");
    }
    let price = app.config.prices.get(&body.product);
    Json(QuoteReply {
        eligible: true,
        price_minor: price.map(|price| price.minor),
        currency: price.map(|price| price.currency),
    })
    .into_response()
}

async fn submit(State(app): State<App>, body: Result<Json<RenewalBody>, JsonRejection>) -> Response {
    let Ok(Json(body)) = body else {
        return error(StatusCode::BAD_REQUEST, "malformed");
    };
    let now = app.clock.now();
    let (pool, config) = (app.pool.clone(), app.config.clone());
    // A caller that hangs up must not leave half a decision.
    let deciding = tokio::spawn(async move { renew(&pool, now, &config, &body).await });
    match deciding.await {
        Ok(Ok(reaction)) => react(app, reaction).await,
        Ok(Err(RenewError::Effect(_) | RenewError::Calendar(_))) => error(StatusCode::BAD_REQUEST, "malformed"),
        Ok(Err(RenewError::Database(cause))) => broken(&cause),
        Err(cause) => broken(&cause),
    }
}

async fn react(app: App, reaction: Reaction) -> Response {
    let now = app.clock.now();
    match reaction {
        Reaction::Answer(renewal) => {
            let reply = RenewalReply::of(renewal, now);
            answer(StatusCode::from_u16(reply.http_status()).unwrap_or_default(), reply)
        }
        Reaction::Duplicate(first) => answer(StatusCode::CONFLICT, ErrorReply::duplicate(RenewalReply::of(first, now))),
        Reaction::Reused => error(StatusCode::CONFLICT, "request_id_reused"),
        Reaction::Unavailable => error(StatusCode::SERVICE_UNAVAILABLE, "busy"),
        Reaction::ErrorPage => Html("<!doctype html><title>Oops</title><h1>Something went wrong</h1>").into_response(),
        Reaction::Silence => say_nothing(app).await,
    }
}

async fn say_nothing(mut app: App) -> Response {
    tokio::select! {
        () = tokio::time::sleep(app.config.silence) => {}
        _ = app.stop.wait_for(|stop| *stop) => {}
    }
    error(StatusCode::GATEWAY_TIMEOUT, "timeout")
}

async fn find(State(app): State<App>, Path(request_id): Path<String>) -> Response {
    let found = async { queries::renewal(&mut *app.pool.acquire().await?, &request_id).await };
    match found.await {
        Ok(Some(renewal)) => Json(RenewalReply::of(renewal, app.clock.now())).into_response(),
        Ok(None) => error(StatusCode::NOT_FOUND, "unknown_request"),
        Err(cause) => broken(&cause),
    }
}

fn broken(cause: &(dyn std::error::Error + 'static)) -> Response {
    tracing::error!(error = cause, "the carrier simulator failed");
    error(StatusCode::INTERNAL_SERVER_ERROR, "internal")
}

fn error(status: StatusCode, code: &'static str) -> Response {
    answer(status, ErrorReply::new(code))
}

fn answer(status: StatusCode, body: impl Serialize) -> Response {
    (status, Json(body)).into_response()
}
