use axum::Form;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use subtle::ConstantTimeEq;
use time::OffsetDateTime;

use super::signature::{Fields, sign};
use super::{CLIENT_ID, CLIENT_SECRET, complaint, signature_of, success};
use crate::simulator::App;

const LIFETIME: i64 = 86_400;

/// A token says until when it is good; nothing is kept.
pub async fn grant(
    State(app): State<App>,
    Path(carrier): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let fields = Fields(form.into_iter().map(|(name, value)| (name, Value::from(value))).collect());
    let known = fields.text("client_id") == Some(CLIENT_ID) && fields.text("client_secret") == Some(CLIENT_SECRET);
    let signed = signature_of(&headers).is_none_or(|signature| fields.is_signed(CLIENT_SECRET, Some(signature)));
    if !known || !signed || fields.text("grant_type") != Some("client_credentials") {
        return complaint(StatusCode::UNAUTHORIZED, json!([]), "Authentication failed");
    }
    let access_token = token(&carrier, app.clock.now().unix_timestamp() + LIFETIME);
    success(json!({ "token_type": "Bearer", "expires_in": LIFETIME, "access_token": access_token }))
}

fn token(carrier: &str, until: i64) -> String {
    format!("{until}.{}", sign(CLIENT_SECRET, &format!("{carrier}.{until}")))
}

/// Whoever carries a token that is still good; the carrier it is for.
pub struct LetIn(pub String);

impl FromRequestParts<App> for LetIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let turned_away = || complaint(StatusCode::UNAUTHORIZED, json!([]), "This action is unauthorized.");
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let carrier = path.map_err(IntoResponse::into_response)?.0.remove("carrier").unwrap_or_default();
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(turned_away)?;
        match is_good(given, &carrier, app.clock.now()) {
            true => Ok(Self(carrier)),
            false => Err(turned_away()),
        }
    }
}

fn is_good(given: &str, carrier: &str, now: OffsetDateTime) -> bool {
    let Some(until) = given.split_once('.').and_then(|(until, _)| until.parse().ok()) else { return false };
    let genuine: bool = token(carrier, until).as_bytes().ct_eq(given.as_bytes()).into();
    genuine && now.unix_timestamp() < until
}
