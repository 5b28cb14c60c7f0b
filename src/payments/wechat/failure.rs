use crate::payments::gateway::GatewayError;
use crate::payments::http::{Answer, Unanswered};
use axum::http::StatusCode;
use serde::Deserialize;

/// What a call came to when it brought no result.
#[derive(Debug)]
pub enum Failure {
    /// A definite answer, signed: WeChat Pay's code for why not.
    Refused(String),
    Busy,
    Denied(String),
    Unclear(String),
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorBody {
    code: String,
    message: String,
}

/// Codes that no request of ours can be right with until the operator acts.
const OURS_TO_MEND: &[&str] =
    &["SIGN_ERROR", "NO_AUTH", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "MCHID_NOT_EXIST", "APPID_NOT_EXIST"];

impl Failure {
    /// WeChat Pay signs an answer only after it has recognised our signature, so that what says we are not recognised
    /// comes unsigned. Everything else unsigned says nothing.
    pub fn of(Answer { status, body, .. }: &Answer, signed: bool) -> Self {
        let ErrorBody { code, message } = serde_json::from_slice(body).unwrap_or_default();
        let told = || format!("{status} {code}: {message}");
        match *status {
            StatusCode::UNAUTHORIZED => Self::Denied(told()),
            StatusCode::FORBIDDEN if OURS_TO_MEND.contains(&code.as_str()) => Self::Denied(told()),
            StatusCode::TOO_MANY_REQUESTS => Self::Busy,
            _ if !signed => Self::Unclear(format!("{} and not signed by WeChat Pay", told())),
            status if status.is_server_error() || code.is_empty() => Self::Unclear(told()),
            _ if OURS_TO_MEND.contains(&code.as_str()) => Self::Denied(told()),
            _ => Self::coded(code),
        }
    }

    fn coded(code: String) -> Self {
        match code.as_str() {
            "FREQUENCY_LIMITED" | "FREQUENCY_LIMIT" | "RATELIMIT_EXCEEDED" => Self::Busy,
            "SYSTEM_ERROR" | "SYSTEMERROR" | "BANK_ERROR" | "BANKERROR" => Self::Unclear(code),
            _ => Self::Refused(code),
        }
    }

    pub fn is(&self, codes: &[&str]) -> bool {
        matches!(self, Self::Refused(code) if codes.contains(&code.as_str()))
    }
}

impl From<Unanswered> for Failure {
    fn from(error: Unanswered) -> Self {
        Self::Unclear(error.0)
    }
}

impl From<Failure> for GatewayError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(code) => Self::Rejected(code),
            Failure::Busy => Self::RateLimited,
            Failure::Denied(why) => Self::Misconfigured(why),
            Failure::Unclear(why) => Self::Unknown(why),
        }
    }
}
