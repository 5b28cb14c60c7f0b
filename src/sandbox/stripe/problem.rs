use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What Stripe says when it does not do what was asked.
pub struct Problem {
    pub status: StatusCode,
    pub kind: &'static str,
    pub code: Option<&'static str>,
    pub param: Option<String>,
    pub message: String,
}

impl Problem {
    pub fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self { param: Some(param.to_owned()), ..Self::refused(None, message) }
    }

    pub fn refused(code: Option<&'static str>, message: impl Into<String>) -> Self {
        let status = StatusCode::BAD_REQUEST;
        Self { status, kind: "invalid_request_error", code, param: None, message: message.into() }
    }

    pub fn missing(what: &str, id: &str) -> Self {
        let problem = Self::refused(Some("resource_missing"), format!("No such {what}: '{id}'"));
        Self { status: StatusCode::NOT_FOUND, ..problem }
    }

    pub fn unauthorized(message: &str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::refused(None, message) }
    }

    pub fn idempotency(message: &str) -> Self {
        Self { kind: "idempotency_error", ..Self::refused(None, message) }
    }

    pub fn broken() -> Self {
        let message = "An unknown error occurred".to_owned();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, kind: "api_error", code: None, param: None, message }
    }

    pub fn body(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let Some(code) = self.code {
            error["code"] = code.into();
        }
        if let Some(param) = &self.param {
            error["param"] = param.as_str().into();
        }
        json!({ "error": error })
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "the sandbox's Stripe failed");
        Self::broken()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}

pub async fn no_such_page() -> Problem {
    Problem { status: StatusCode::NOT_FOUND, ..Problem::refused(None, "Unrecognized request URL") }
}
