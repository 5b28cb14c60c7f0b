//! What every protocol of the simulator has in common: a renewal is decided once, and trouble looks the same in all.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::App;
use super::queries::{self, Renewal};
use super::renew::{Ask, Reaction, RenewError, renew};

/// What a protocol answers in words of its own.
pub enum Decided {
    Renewal(Renewal),
    /// Asked before; what came of it then.
    Duplicate(Renewal),
    /// The id was used for something else.
    Reused,
    NoSuchLine,
    NoSuchProduct,
    NoCredit,
    Malformed,
}

/// A caller that hangs up leaves no half decision. An error is an answer no protocol describes.
pub async fn decide(app: &App, ask: Ask) -> Result<Decided, Response> {
    let (pool, config, now) = (app.pool.clone(), app.config.clone(), app.clock.now());
    let deciding = tokio::spawn(async move { renew(&pool, now, &config, &ask).await });
    match deciding.await {
        Ok(Ok(reaction)) => react(app, reaction).await,
        Ok(Err(RenewError::Effect(_) | RenewError::Calendar(_))) => Ok(Decided::Malformed),
        Ok(Err(RenewError::Database(cause))) => Err(broken(&cause)),
        Err(cause) => Err(broken(&cause)),
    }
}

/// The id under which a protocol keeps a request that does whatever arrives: numbered where it was done before.
pub async fn numbered(app: &App, request_id: &str) -> Result<String, Response> {
    match queries::times_done(&app.pool, request_id).await {
        Ok(0) => Ok(request_id.to_owned()),
        Ok(times) => Ok(format!("{request_id}#{}", times + 1)),
        Err(cause) => Err(broken(&cause)),
    }
}

async fn react(app: &App, reaction: Reaction) -> Result<Decided, Response> {
    Err(match reaction {
        Reaction::Answer(renewal) => return Ok(Decided::Renewal(renewal)),
        Reaction::Duplicate(first) => return Ok(Decided::Duplicate(first)),
        Reaction::Reused => return Ok(Decided::Reused),
        Reaction::NoSuchLine => return Ok(Decided::NoSuchLine),
        Reaction::NoSuchProduct => return Ok(Decided::NoSuchProduct),
        Reaction::NoCredit => return Ok(Decided::NoCredit),
        Reaction::Unavailable => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Reaction::ErrorPage => Html("<!doctype html><title>Oops</title><h1>Something went wrong</h1>").into_response(),
        Reaction::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Reaction::Silence => say_nothing(app).await,
    })
}

pub async fn say_nothing(app: &App) -> Response {
    let mut stop = app.stop.clone();
    tokio::select! {
        () = tokio::time::sleep(app.config.silence) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    StatusCode::GATEWAY_TIMEOUT.into_response()
}

pub fn broken(cause: &(dyn std::error::Error + 'static)) -> Response {
    tracing::error!(error = cause, "the carrier simulator failed");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
