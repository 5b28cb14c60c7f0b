use super::wire::ErrorBody;
use crate::http_client::Answer;
use crate::payments::gateway::GatewayError;
use axum::http::StatusCode;

/// What was asked for does not exist.
pub const NOT_FOUND: &str = "not_found";

pub fn of(Answer { status, body, .. }: &Answer) -> GatewayError {
    let code = serde_json::from_slice::<ErrorBody>(body).map(|error| error.code);
    match (*status, code) {
        (StatusCode::TOO_MANY_REQUESTS, _) => GatewayError::RateLimited,
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, Ok(code)) => GatewayError::Misconfigured(code),
        (StatusCode::NOT_FOUND, Ok(_)) => GatewayError::Rejected(NOT_FOUND.to_owned()),
        (status, Ok(code)) if status.is_client_error() => GatewayError::Rejected(code),
        // Also an error page that some proxy wrote: it says nothing about the payment.
        (status, _) => GatewayError::Unknown(format!("answered {status}")),
    }
}
