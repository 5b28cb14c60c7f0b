//! The address somebody has just proved to be theirs, carried to the sign-in page that comes next: in a cookie, so that
//! it stands in no address bar, log or referrer, and taken away as soon as it was shown.
use axum::http::{HeaderMap, HeaderValue};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::email::EmailAddress;
use crate::web::cookies::Cookies;

const COOKIE: &str = "greet";
const FIVE_MINUTES: u32 = 5 * 60;

pub fn carry(cookies: Cookies, email: &str) -> Option<HeaderValue> {
    cookies.set(COOKIE, &BASE64_URL_SAFE_NO_PAD.encode(email), Some(FIVE_MINUTES))
}

/// The address, and what takes it away.
pub fn carried(cookies: Cookies, headers: &HeaderMap) -> Option<(String, HeaderValue)> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cookies.read(headers, COOKIE)?).ok()?;
    let email = EmailAddress::parse(&String::from_utf8(bytes).ok()?)?;
    Some((email.shown, cookies.clear(COOKIE)?))
}
