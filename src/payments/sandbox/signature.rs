//! HMAC-SHA256 over a text that holds the time, hex, in `Sandbox-Signature`; the time in `Sandbox-Timestamp`, Unix seconds.

use crate::payments::gateway::NotVerified;
use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use time::OffsetDateTime;

pub const TIMESTAMP: &str = "sandbox-timestamp";
pub const SIGNATURE: &str = "sandbox-signature";
pub const KEY: &str = "sandbox-key";

/// Seconds a notification may be old, or dated ahead.
const WINDOW: i64 = 300;

#[derive(Clone, Debug)]
pub struct Key {
    pub id: String,
    pub secret: SecretString,
}

/// Signs `METHOD\n/path?query\nseconds\nbody`.
pub fn sign_request(key: &Key, method: &str, path: &str, seconds: i64, body: &[u8]) -> String {
    let head = format!("{method}\n{path}\n{seconds}\n");
    hex::encode(mac(key, head.as_bytes(), body).finalize().into_bytes())
}

/// Checks `seconds.body` against every key; during a rotation there are several.
pub fn verify_notification(
    keys: &[Key],
    headers: &HeaderMap,
    body: &[u8],
    now: OffsetDateTime,
) -> Result<(), NotVerified> {
    let seconds: i64 = only(headers, TIMESTAMP)?.parse().map_err(|_| NotVerified::Unsigned)?;
    let signature = hex::decode(only(headers, SIGNATURE)?).map_err(|_| NotVerified::WrongSignature)?;
    let head = format!("{seconds}.");
    // `verify_slice` takes the same time wherever two signatures differ.
    let genuine = keys.iter().any(|key| mac(key, head.as_bytes(), body).verify_slice(&signature).is_ok());
    if !genuine {
        return Err(NotVerified::WrongSignature);
    }
    match now.unix_timestamp().abs_diff(seconds) <= WINDOW.unsigned_abs() {
        true => Ok(()),
        false => Err(NotVerified::OutOfTime),
    }
}

/// A header that is there once; twice is as good as not at all.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, NotVerified> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| NotVerified::Unsigned),
        _ => Err(NotVerified::Unsigned),
    }
}

#[allow(clippy::expect_used)] // HMAC takes keys of every length
fn mac(key: &Key, head: &[u8], body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.secret.expose_secret().as_bytes()).expect("any length of key");
    mac.update(head);
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str) -> Key {
        Key { id: "k1".into(), secret: secret.to_owned().into() }
    }

    fn headers(seconds: i64, signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(TIMESTAMP, seconds.into());
        headers.insert(SIGNATURE, signature.parse().unwrap());
        headers
    }

    // printf '1767225600.{"id":"evt_1"}' | openssl dgst -sha256 -hmac rehearsal
    const SIGNED: &str = "854b9dbe4256d5244044392cd554df4fed27d77cba6476932563dff25cb903d6";
    const BODY: &[u8] = br#"{"id":"evt_1"}"#;
    const AT: i64 = 1_767_225_600;

    fn verdict(keys: &[Key], headers: &HeaderMap, body: &[u8], seconds: i64) -> Result<(), NotVerified> {
        verify_notification(keys, headers, body, OffsetDateTime::from_unix_timestamp(seconds).unwrap())
    }

    #[test]
    fn agrees_with_openssl() {
        assert_eq!(verdict(&[key("rehearsal")], &headers(AT, SIGNED), BODY, AT), Ok(()));
        // printf 'POST\n/v1/payments\n1767225600\n{"id":"evt_1"}' | openssl dgst -sha256 -hmac rehearsal
        assert_eq!(
            sign_request(&key("rehearsal"), "POST", "/v1/payments", AT, BODY),
            "ff0355da82a661dd9e56cf2c1445ae050469be2097d3278c0400f7a7ac3d502e"
        );
    }

    #[test]
    fn the_window_is_300_seconds_on_both_sides() {
        let keys = [key("rehearsal")];
        for (seconds, expected) in [
            (AT + 300, Ok(())),
            (AT - 300, Ok(())),
            (AT + 301, Err(NotVerified::OutOfTime)),
            (AT - 301, Err(NotVerified::OutOfTime)),
        ] {
            assert_eq!(verdict(&keys, &headers(AT, SIGNED), BODY, seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn any_of_the_keys_will_do_and_no_other() {
        let signed = headers(AT, SIGNED);
        assert_eq!(verdict(&[key("new"), key("rehearsal")], &signed, BODY, AT), Ok(()));
        assert_eq!(verdict(&[key("new")], &signed, BODY, AT), Err(NotVerified::WrongSignature));
        assert_eq!(verdict(&[], &signed, BODY, AT), Err(NotVerified::WrongSignature));
    }

    #[test]
    fn a_changed_byte_a_changed_time_or_a_second_signature_is_refused() {
        let keys = [key("rehearsal")];
        assert!(verdict(&keys, &headers(AT, SIGNED), br#"{"id":"evt_2"}"#, AT).is_err());
        assert!(verdict(&keys, &headers(AT + 1, SIGNED), BODY, AT).is_err());
        assert!(verdict(&keys, &headers(AT, &SIGNED[..62]), BODY, AT).is_err());
        assert!(verdict(&keys, &headers(AT, "not hex"), BODY, AT).is_err());
        let mut twice = headers(AT, SIGNED);
        twice.append(SIGNATURE, SIGNED.parse().unwrap());
        assert_eq!(verdict(&keys, &twice, BODY, AT), Err(NotVerified::Unsigned));
        assert_eq!(verdict(&keys, &HeaderMap::new(), BODY, AT), Err(NotVerified::Unsigned));
    }
}
