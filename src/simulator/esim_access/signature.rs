use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::{ACCESS_CODE, MALFORMED, SECRET_KEY, wire};
use crate::simulator::App;

/// How far the caller's clock may be off, in seconds.
const WINDOW: u64 = 300;

/// A body whose four headers are right.
pub struct Signed(pub Value);

impl FromRequest<App> for Signed {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, app).await.map_err(IntoResponse::into_response)?;
        check(&headers, &body, app.clock.now().unix_timestamp()).map_err(wire::refused)?;
        serde_json::from_slice(&body).map(Self).map_err(|_| wire::refused(MALFORMED))
    }
}

fn check(headers: &HeaderMap, body: &[u8], now: i64) -> Result<(), &'static str> {
    let field = |name| headers.get(name).and_then(|value| value.to_str().ok()).ok_or("000101");
    let (time, id) = (field("rt-timestamp")?, field("rt-requestid")?);
    let (code, signature) = (field("rt-accesscode")?, field("rt-signature")?);
    let milliseconds: i64 = time.parse().map_err(|_| "000102")?;
    let signature = hex::decode(signature).map_err(|_| "101003")?;
    let genuine = mac(&[time.as_bytes(), id.as_bytes(), code.as_bytes(), body]).verify_slice(&signature).is_ok();
    if code != ACCESS_CODE || !genuine {
        return Err("101003");
    }
    if now.abs_diff(milliseconds / 1_000) > WINDOW { Err("101001") } else { Ok(()) }
}

#[allow(clippy::expect_used)] // HMAC takes keys of every length
fn mac(parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET_KEY.as_bytes()).expect("any length of key");
    parts.iter().for_each(|part| mac.update(part));
    mac
}
