use super::wire::ErrorBody;
use crate::http_client::Answer;
use crate::payments::gateway::GatewayError;
use axum::http::StatusCode;

/// What was asked for does not exist.
pub const NOT_FOUND: &str = "not found";

/// By status, and by the kind of error the body names.
pub fn of(Answer { status, body, .. }: &Answer) -> GatewayError {
    let said = serde_json::from_slice::<ErrorBody>(body).map(|body| body.error);
    match (*status, said) {
        (StatusCode::TOO_MANY_REQUESTS, _) => GatewayError::RateLimited,
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, Ok(error)) => GatewayError::Misconfigured(error.words()),
        (StatusCode::NOT_FOUND, Ok(_)) => GatewayError::Rejected(NOT_FOUND.to_owned()),
        // A call with this key is under way, or was made with other fields: something may exist under it.
        (StatusCode::CONFLICT, Ok(error)) => GatewayError::Unknown(error.words()),
        (_, Ok(error)) if error.kind == "idempotency_error" => GatewayError::Unknown(error.words()),
        (status, Ok(error)) if status.is_client_error() => GatewayError::Rejected(error.words()),
        // Also an error page that some proxy wrote: it says nothing about the payment.
        (status, _) => GatewayError::Unknown(format!("answered {status}")),
    }
}
