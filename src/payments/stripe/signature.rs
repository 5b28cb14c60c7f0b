//! `Stripe-Signature: t=seconds,v1=hex[,v1=hex…]`: HMAC-SHA256 of `seconds.body` with the endpoint's whole secret.

use crate::payments::gateway::NotVerified;
use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use time::OffsetDateTime;

const HEADER: &str = "stripe-signature";

/// Seconds a notification may be old, or dated ahead.
const WINDOW: u64 = 300;

struct Signed<'a> {
    seconds: &'a str,
    /// Several while a secret is rolled.
    signatures: Vec<Vec<u8>>,
}

/// Checks every signature that is there against every secret we hold.
pub fn verify(
    secrets: &[SecretString],
    headers: &HeaderMap,
    body: &[u8],
    now: OffsetDateTime,
) -> Result<(), NotVerified> {
    let signed = Signed::read(only(headers)?).ok_or(NotVerified::Unsigned)?;
    let seconds: i64 = signed.seconds.parse().map_err(|_| NotVerified::Unsigned)?;
    // `verify_slice` takes the same time wherever two signatures differ.
    let fits = |secret: &SecretString| {
        signed.signatures.iter().any(|one| mac(secret, signed.seconds, body).verify_slice(one).is_ok())
    };
    if !secrets.iter().any(fits) {
        return Err(NotVerified::WrongSignature);
    }
    if now.unix_timestamp().abs_diff(seconds) > WINDOW { Err(NotVerified::OutOfTime) } else { Ok(()) }
}

impl<'a> Signed<'a> {
    /// Signatures of other schemes than `v1` prove nothing and are passed over.
    fn read(header: &'a str) -> Option<Self> {
        let parts: Vec<(&str, &str)> = header.split(',').filter_map(|part| part.split_once('=')).collect();
        let mut times = parts.iter().filter(|(name, _)| *name == "t");
        let (Some((_, seconds)), None) = (times.next(), times.next()) else { return None };
        let signatures: Vec<Vec<u8>> =
            parts.iter().filter(|(name, _)| *name == "v1").filter_map(|(_, hex)| hex::decode(hex).ok()).collect();
        Some(Self { seconds, signatures })
    }
}

/// A header that is there once; twice is as good as not at all.
fn only(headers: &HeaderMap) -> Result<&str, NotVerified> {
    let mut values = headers.get_all(HEADER).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| NotVerified::Unsigned),
        _ => Err(NotVerified::Unsigned),
    }
}

#[allow(clippy::expect_used)] // HMAC takes keys of every length
fn mac(secret: &SecretString, seconds: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("any length of key");
    mac.update(seconds.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests;
