//! RSA-SHA256 over lines, each ended by a line feed: of our requests, of WeChat Pay's answers and notifications.

use super::client::Merchant;
use super::keys::Keyring;
use crate::payments::gateway::NotVerified;
use axum::http::HeaderMap;
use time::OffsetDateTime;

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";

/// Seconds an answer or notification may be old, or dated ahead.
const WINDOW: u64 = 300;

/// The value of `Authorization` for a request whose body is sent exactly so.
pub fn authorization(
    merchant: &Merchant,
    method: &str,
    path: &str,
    seconds: i64,
    nonce: &str,
    body: &[u8],
) -> Result<String, String> {
    let head = format!("{method}\n{path}\n{seconds}\n{nonce}\n");
    let signature = merchant.private_key.sign(&lines(&head, body)).map_err(|error| error.to_string())?;
    let Merchant { mchid, serial, .. } = merchant;
    Ok(format!(
        r#"{SCHEME} mchid="{mchid}",nonce_str="{nonce}",timestamp="{seconds}",serial_no="{serial}",signature="{signature}""#
    ))
}

/// Whether WeChat Pay wrote this, lately. An answer without a body signs an empty one.
pub fn verify(keyring: &Keyring, headers: &HeaderMap, body: &[u8], now: OffsetDateTime) -> Result<(), NotVerified> {
    let seconds = only(headers, "wechatpay-timestamp")?;
    let nonce = only(headers, "wechatpay-nonce")?;
    let serial = only(headers, "wechatpay-serial")?;
    let signature = only(headers, "wechatpay-signature")?;
    let key = keyring.find(serial).ok_or(NotVerified::WrongSignature)?;
    if !key.verifies(&lines(&format!("{seconds}\n{nonce}\n"), body), signature) {
        return Err(NotVerified::WrongSignature);
    }
    let seconds: i64 = seconds.parse().map_err(|_| NotVerified::OutOfTime)?;
    match now.unix_timestamp().abs_diff(seconds) <= WINDOW {
        true => Ok(()),
        false => Err(NotVerified::OutOfTime),
    }
}

fn lines(head: &str, body: &[u8]) -> Vec<u8> {
    [head.as_bytes(), body, b"\n"].concat()
}

/// A header that is there once; twice is as good as not at all.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, NotVerified> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| NotVerified::Unsigned),
        _ => Err(NotVerified::Unsigned),
    }
}
