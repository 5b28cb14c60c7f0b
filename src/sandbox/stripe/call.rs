//! A call that changes something is done once for its key: the first answer is given again, be it good or an error.

use super::super::Sandbox;
use super::fields::Fields;
use super::problem::Problem;
use super::queries;
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use serde_json::Value;
use sqlx::{Postgres, Transaction};
use subtle::ConstantTimeEq;

pub fn admitted(sandbox: &Sandbox, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(account) = &sandbox.settings.stripe else { return Err(Problem::unauthorized("There is no account")) };
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match given.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(key) if bool::from(key.as_bytes().ct_eq(account.key.expose_secret().as_bytes())) => Ok(()),
        Some(_) => Err(Problem::unauthorized("Invalid API Key provided")),
        None => Err(Problem::unauthorized("You did not provide an API key")),
    }
}

pub struct Call {
    pub tx: Transaction<'static, Postgres>,
    pub fields: Fields,
    key: Option<String>,
    asked: String,
}

/// A call as it came.
pub struct Asked {
    path: String,
    headers: HeaderMap,
    body: String,
}

impl FromRequest<Sandbox> for Asked {
    type Rejection = Response;

    async fn from_request(request: Request, sandbox: &Sandbox) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(&mut parts, sandbox).await;
        let headers = parts.headers.clone();
        let body = String::from_request(Request::from_parts(parts, body), sandbox).await;
        Ok(Self { path: uri.path().to_owned(), headers, body: body.map_err(IntoResponse::into_response)? })
    }
}

impl Asked {
    /// Does what was asked for, or says again what was said before.
    pub async fn once(
        self,
        sandbox: &Sandbox,
        act: impl AsyncFnOnce(&mut Call) -> Result<Value, Problem>,
    ) -> Result<Response, Problem> {
        match begin(sandbox, &self).await? {
            Begun::Before(answer) => Ok(answer),
            Begun::New(mut call) => {
                let answer = act(&mut call).await;
                call.end(sandbox, answer).await
            }
        }
    }
}

/// A call that is new, or the answer the same call was given before.
enum Begun {
    New(Box<Call>),
    Before(Response),
}

async fn begin(sandbox: &Sandbox, Asked { path, headers, body }: &Asked) -> Result<Begun, Problem> {
    let form = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !form.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(Problem::refused(None, "Invalid request: the content type must be a form"));
    }
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
    if key.as_ref().is_some_and(|key| key.len() > 255) {
        return Err(Problem::idempotency("Idempotency-Key may be at most 255 characters"));
    }
    let asked = format!("{path}?{body}");
    let mut tx = crate::db::begin(&sandbox.pool).await?;
    if let Some(key) = &key
        && let Some(before) = queries::answered(&mut tx, key, sandbox.clock.now()).await?
    {
        return match before.asked == asked {
            true => Ok(Begun::Before(again(before))),
            false => {
                Err(Problem::idempotency("Keys for idempotent requests can only be used with the same parameters"))
            }
        };
    }
    Ok(Begun::New(Box::new(Call { tx, fields: Fields::read(body), key, asked })))
}

fn again(before: queries::Answered) -> Response {
    let status = u16::try_from(before.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [("idempotent-replayed", "true")], Json(before.answer)).into_response()
}

impl Call {
    /// What was refused is forgotten; what was done, or broke while it was done, is kept under its key.
    async fn end(mut self, sandbox: &Sandbox, answer: Result<Value, Problem>) -> Result<Response, Problem> {
        let (status, body) = match answer {
            Ok(body) => (StatusCode::OK, body),
            Err(problem) if problem.status.is_server_error() => (problem.status, problem.body()),
            Err(problem) => return Err(problem),
        };
        if let Some(key) = &self.key {
            let answered =
                queries::Answered { asked: self.asked, status: status.as_u16().into(), answer: body.clone() };
            queries::remember(&mut self.tx, key, &answered, sandbox.clock.now()).await?;
        }
        self.tx.commit().await?;
        Ok((status, Json(body)).into_response())
    }
}
