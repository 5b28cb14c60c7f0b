//! Stripe's interface over the sandbox's ledger, at `/sandbox/stripe/v1`: Checkout sessions, refunds, events, balance
//! transactions, and notifications signed as Stripe signs them.

mod books;
mod call;
mod fields;
mod object;
mod problem;
mod queries;
mod refunds;
mod sessions;
mod signature;

pub use object::message;
pub use signature::sign;

use super::Sandbox;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use secrecy::SecretString;
use time::OffsetDateTime;
use uuid::Uuid;

/// What its merchant has set up there.
pub struct Account {
    pub key: SecretString,
    /// Of the notification endpoint; the first is being rolled out while the others end, and all sign.
    pub webhook_secrets: Vec<SecretString>,
    /// Where notifications go.
    pub notify_url: String,
}

/// The version its answers are in.
const VERSION: &str = "2026-10-28.endive";

/// To be nested at `/stripe`.
pub fn router(sandbox: &Sandbox) -> Router<Sandbox> {
    Router::new()
        .route("/v1/checkout/sessions", get(sessions::list).post(sessions::create))
        .route("/v1/checkout/sessions/{id}", get(sessions::show))
        .route("/v1/checkout/sessions/{id}/expire", post(sessions::expire))
        .route("/v1/refunds", get(refunds::list).post(refunds::create))
        .route("/v1/refunds/{id}", get(refunds::show))
        .route("/v1/events", get(books::events))
        .route("/v1/balance", get(books::balance))
        .route("/v1/balance_transactions", get(books::transactions))
        .fallback(problem::no_such_page)
        .layer(from_fn_with_state(sandbox.clone(), admit))
}

/// Whoever has no key learns nothing; every answer has a name and the date of this house.
async fn admit(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let mut answer = match call::admitted(&sandbox, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => axum::response::IntoResponse::into_response(problem),
    };
    let headers = answer.headers_mut();
    let name = HeaderValue::from_str(&format!("req_{}", Uuid::new_v4().simple()));
    headers.extend(name.ok().map(|name| (header::HeaderName::from_static("request-id"), name)));
    headers.insert("stripe-version", HeaderValue::from_static(VERSION));
    headers.extend(http_date(sandbox.clock.now()).map(|date| (header::DATE, date)));
    answer
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn http_date(at: OffsetDateTime) -> Option<HeaderValue> {
    let text = at.format(&time::format_description::well_known::Rfc2822).ok()?;
    HeaderValue::from_str(&text.replace("+0000", "GMT")).ok()
}
