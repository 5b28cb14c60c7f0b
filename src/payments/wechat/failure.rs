use crate::http_client::Answer;
use crate::payments::gateway::GatewayError;
use axum::http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorBody {
    code: String,
    message: String,
}

/// Codes that no request of ours can be right with until the operator acts.
const OURS_TO_MEND: &[&str] =
    &["SIGN_ERROR", "NO_AUTH", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "MCHID_NOT_EXIST", "APPID_NOT_EXIST"];

/// WeChat Pay signs an answer only after it has recognised our signature, so that what says we are not recognised
/// comes unsigned. Everything else unsigned says nothing.
pub fn of(Answer { status, body, .. }: &Answer, signed: bool) -> GatewayError {
    let ErrorBody { code, message } = serde_json::from_slice(body).unwrap_or_default();
    let told = || format!("{status} {code}: {message}");
    match *status {
        StatusCode::UNAUTHORIZED => GatewayError::Misconfigured(told()),
        StatusCode::FORBIDDEN if OURS_TO_MEND.contains(&code.as_str()) => GatewayError::Misconfigured(told()),
        StatusCode::TOO_MANY_REQUESTS => GatewayError::RateLimited,
        _ if !signed => GatewayError::Unknown(format!("{} and not signed by WeChat Pay", told())),
        status if status.is_server_error() || code.is_empty() => GatewayError::Unknown(told()),
        _ if OURS_TO_MEND.contains(&code.as_str()) => GatewayError::Misconfigured(told()),
        _ => coded(code),
    }
}

fn coded(code: String) -> GatewayError {
    match code.as_str() {
        "FREQUENCY_LIMITED" | "FREQUENCY_LIMIT" | "RATELIMIT_EXCEEDED" => GatewayError::RateLimited,
        "SYSTEM_ERROR" | "SYSTEMERROR" | "BANK_ERROR" | "BANKERROR" => GatewayError::Unknown(code),
        _ => GatewayError::Rejected(code),
    }
}
