//! A NUL byte is text to a browser and an error to Postgres; nobody types one, so nothing that holds one is looked at.

use super::PageError;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Whether URL-encoded bytes hold a NUL.
pub fn is_in(encoded: &[u8]) -> bool {
    encoded.contains(&0) || encoded.windows(3).any(|three| three == b"%00")
}

/// Middleware: an address with a NUL leads nowhere.
pub async fn refuse(request: Request, next: Next) -> Response {
    match request.uri().path_and_query().is_some_and(|address| is_in(address.as_str().as_bytes())) {
        true => PageError::NotFound.into_response(),
        false => next.run(request).await,
    }
}
