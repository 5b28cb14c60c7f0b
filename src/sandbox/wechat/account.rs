//! The one merchant this WeChat Pay has a contract with, and the signatures between the two.

use super::seal;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

pub const MCHID: &str = "1900000109";
pub const APPID: &str = "wx0000000000demo00";
pub const MERCHANT_SERIAL: &str = "00000000000000000000000000000000000DE301";
pub const GATEWAY_SERIAL: &str = "PUB_KEY_ID_0119000001092026112200000000DE01";

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
const WINDOW: u64 = 300;
const DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// An answer that says no. Whoever is not recognised gets one without a signature.
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    signed_at: Option<OffsetDateTime>,
}

impl Refusal {
    pub fn signed(status: StatusCode, code: &'static str, now: OffsetDateTime) -> Self {
        Self { status, code, signed_at: Some(now) }
    }

    pub fn unsigned(code: &'static str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, code, signed_at: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "code": self.code, "message": self.code });
        match self.signed_at {
            Some(now) => answer(self.status, Some(body), now),
            None => (self.status, axum::Json(body)).into_response(),
        }
    }
}

/// An answer in WeChat Pay's name. One without a body signs an empty one.
pub fn answer(status: StatusCode, body: Option<Value>, now: OffsetDateTime) -> Response {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let mut response = (status, body.clone()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    // The sandbox's own clock, which a rehearsal moves.
    if let Some(date) = now.format(DATE).ok().and_then(|date| HeaderValue::try_from(date).ok()) {
        headers.insert(header::DATE, date);
    }
    for (name, value) in signature(&body, now) {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    response
}

/// The headers that go with a body WeChat Pay sends, answer or notification.
pub fn signature(body: &str, now: OffsetDateTime) -> [(&'static str, String); 5] {
    let (seconds, nonce) = (now.unix_timestamp(), crate::ids::readable(32));
    let signed = seal::sign(&format!("{seconds}\n{nonce}\n{body}\n"));
    [
        ("wechatpay-timestamp", seconds.to_string()),
        ("wechatpay-nonce", nonce),
        ("wechatpay-serial", GATEWAY_SERIAL.to_owned()),
        ("wechatpay-signature", signed),
        ("wechatpay-signature-type", SCHEME.to_owned()),
    ]
}

pub fn admit(method: &str, target: &str, headers: &HeaderMap, body: &[u8], now: OffsetDateTime) -> Result<(), Refusal> {
    let refused = || Refusal::unsigned("SIGN_ERROR");
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(refused)?;
    let fields = given.strip_prefix(SCHEME).ok_or_else(refused)?.trim();
    let field = |name: &str| {
        let found = fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix("=\""));
        found.and_then(|value| value.strip_suffix('"')).ok_or_else(refused)
    };
    let (seconds, nonce) = (field("timestamp")?, field("nonce_str")?);
    let signed = [format!("{method}\n{target}\n{seconds}\n{nonce}\n").as_bytes(), body, b"\n"].concat();
    let ours = field("mchid")? == MCHID && field("serial_no")? == MERCHANT_SERIAL;
    let lately = seconds.parse::<i64>().is_ok_and(|seconds| now.unix_timestamp().abs_diff(seconds) <= WINDOW);
    match ours && lately && seal::is_merchants(&signed, field("signature")?) {
        true => Ok(()),
        false => Err(refused()),
    }
}
