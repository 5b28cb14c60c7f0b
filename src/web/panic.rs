use std::any::Any;

use axum::response::{IntoResponse, Response};

use super::PageError;

/// What a visitor sees of a panic: a sealed page. For `CatchPanicLayer::custom`.
pub fn sealed(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    PageError::Internal(anyhow::anyhow!("panicked: {}", said.unwrap_or("without a message"))).into_response()
}
