//! Adding a line: the one field, and the code that proves what was typed into it.

mod add;
mod code;

pub use add::{create, help, new};
pub use code::{again, check, show};

use crate::web::limits::{Denied, RetryAfter};
use crate::web::{Ctx, PageError};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// In words, with when to come back.
fn too_often(ctx: &Ctx, again: RetryAfter) -> String {
    match again.minutes() {
        minutes @ ..=60 => ctx.t1("claim-too-often-minutes", "n", minutes),
        _ => ctx.t1("claim-too-often-hours", "n", again.hours()),
    }
}

fn later(again: RetryAfter, page: impl IntoResponse) -> Response {
    let mut response = page.into_response();
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(header::RETRY_AFTER, again.seconds.into());
    response
}

fn retry_after(denied: Denied) -> Result<RetryAfter, PageError> {
    match denied {
        Denied::TooOften(again) => Ok(again),
        Denied::Database(error) => Err(error.into()),
    }
}
