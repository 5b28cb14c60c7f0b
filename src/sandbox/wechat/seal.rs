//! The demo's fixed keys, of both sides, and what is done with them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use std::sync::LazyLock;

const GATEWAY: &str = include_str!("../../../assets/demo-keys/wechat-gateway.pem");
const MERCHANT: &str = include_str!("../../../assets/demo-keys/wechat-merchant-public.pem");
const API_V3_KEY: &str = include_str!("../../../assets/demo-keys/wechat-api-v3-key.txt");

static KEY: LazyLock<Option<KeyPair>> = LazyLock::new(|| KeyPair::from_pkcs8(&der(GATEWAY)).ok());

fn der(pem: &str) -> Vec<u8> {
    let inner: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(inner).unwrap_or_default()
}

/// WeChat Pay's signature; empty, and so refused by everyone, should the demo's key be broken.
pub fn sign(text: &str) -> String {
    let Some(key) = KEY.as_ref() else { return String::new() };
    let mut signature = vec![0; key.public().modulus_len()];
    match key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature) {
        Ok(()) => STANDARD.encode(signature),
        Err(_) => String::new(),
    }
}

pub fn is_merchants(text: &[u8], signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der(MERCHANT)).verify(text, &signature).is_ok()
}

/// What only the holder of the APIv3 key can read, in base64.
pub fn encrypt(text: &str, nonce: &str, associated: &str) -> Option<String> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, API_V3_KEY.trim().as_bytes()).ok()?);
    let mut sealed = text.as_bytes().to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?;
    key.seal_in_place_append_tag(nonce, Aad::from(associated.as_bytes()), &mut sealed).ok()?;
    Some(STANDARD.encode(sealed))
}
