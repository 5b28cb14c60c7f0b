//! `airalo-signature`: HMAC-SHA512 of a body, in hexadecimal, with the client's secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;

use crate::carriers::settings::Secret;

pub const HEADER: &str = "airalo-signature";

pub fn sign(secret: &Secret, body: &str) -> String {
    hex::encode(mac(secret, body.as_bytes()).finalize().into_bytes())
}

/// Takes the same time wherever two signatures differ.
pub fn fits(secret: &Secret, body: &[u8], signature: &str) -> bool {
    hex::decode(signature).is_ok_and(|signature| mac(secret, body).verify_slice(&signature).is_ok())
}

#[allow(clippy::expect_used)] // HMAC takes keys of every length
fn mac(secret: &Secret, body: &[u8]) -> Hmac<Sha512> {
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.expose().as_bytes()).expect("any length of key");
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '%s' '{"level":"90%","iccid":"8997212330099025334"}' | openssl dgst -sha512 -hmac hush`
    const BODY: &str = r#"{"level":"90%","iccid":"8997212330099025334"}"#;
    const SIGNATURE: &str = "bf1d5b69655ead5e8eabc4da66ebb008fb98520b9924cde3e1f4424d3c9ca7c5bcca88019527fd9213a20b06c7e6ce6faa2627ec1b474d62c6f14c9dda5a63d8";

    #[test]
    fn signs_as_openssl_does() {
        let secret = Secret::from("hush");
        assert_eq!(sign(&secret, BODY), SIGNATURE);
        assert!(fits(&secret, BODY.as_bytes(), SIGNATURE));
        for (body, signature) in
            [(BODY, ""), (BODY, "zz"), (BODY, &SIGNATURE[2..]), (&BODY[1..], SIGNATURE), ("", SIGNATURE)]
        {
            assert!(!fits(&secret, body.as_bytes(), signature), "{signature}");
        }
    }
}
