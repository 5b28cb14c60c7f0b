use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

const WINDOW: u64 = 300;

#[derive(Clone, Debug)]
pub struct Key {
    pub id: String,
    pub secret: SecretString,
}

/// Whether a merchant's request is genuine; `Err` is the code it is answered with.
pub fn verify(
    keys: &[Key],
    headers: &HeaderMap,
    method: &str,
    path: &str,
    body: &[u8],
    now: i64,
) -> Result<(), &'static str> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(id), Some(seconds), Some(given)) =
        (header("sandbox-key"), header("sandbox-timestamp"), header("sandbox-signature"))
    else {
        return Err("unsigned");
    };
    let key = keys.iter().find(|key| key.id == id).ok_or("unknown_key")?;
    let given = hex::decode(given).map_err(|_| "wrong_signature")?;
    let text = [method.as_bytes(), b"\n", path.as_bytes(), b"\n", seconds.as_bytes(), b"\n", body].concat();
    hmac(key, &text).verify_slice(&given).map_err(|_| "wrong_signature")?;
    let seconds: i64 = seconds.parse().map_err(|_| "unsigned")?;
    if now.abs_diff(seconds) > WINDOW { Err("out_of_time") } else { Ok(()) }
}

/// The signature of a notification sent at `seconds`.
pub fn sign(key: &Key, seconds: i64, body: &str) -> String {
    hex::encode(hmac(key, format!("{seconds}.{body}").as_bytes()).finalize().into_bytes())
}

#[allow(clippy::expect_used)] // HMAC takes keys of every length
fn hmac(key: &Key, text: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.secret.expose_secret().as_bytes()).expect("any length of key");
    mac.update(text);
    mac
}
