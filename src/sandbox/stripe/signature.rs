use super::Account;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;

/// The `Stripe-Signature` of a notification sent at `seconds`, one for each secret that is valid.
pub fn sign(account: &Account, seconds: i64, body: &str) -> String {
    let signatures = account.webhook_secrets.iter().map(|secret| hmac(secret.expose_secret(), seconds, body));
    signatures.fold(format!("t={seconds}"), |header, one| format!("{header},v1={one}"))
}

#[allow(clippy::expect_used)] // HMAC takes keys of every length
fn hmac(secret: &str, seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length of key");
    mac.update(format!("{seconds}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
