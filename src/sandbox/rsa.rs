//! Signatures of the providers that use RSA, made without a line of the portal's own.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};

/// A provider's private key.
pub struct Signer(KeyPair);

/// A merchant's public key.
pub struct Checker(Vec<u8>);

impl Signer {
    /// `-----BEGIN RSA PRIVATE KEY-----`
    pub fn read(pem: &str) -> anyhow::Result<Self> {
        KeyPair::from_der(&der(pem)?).map(Self).map_err(|why| anyhow::anyhow!("a private key: {why}"))
    }

    /// In base64; empty if the key could not sign, which nobody takes for a signature.
    pub fn sign(&self, text: &[u8]) -> String {
        let mut signature = vec![0; self.0.public().modulus_len()];
        match self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature) {
            Ok(()) => STANDARD.encode(signature),
            Err(_) => String::new(),
        }
    }
}

impl Checker {
    /// `-----BEGIN RSA PUBLIC KEY-----`
    pub fn read(pem: &str) -> anyhow::Result<Self> {
        der(pem).map(Self)
    }

    pub fn accepts(&self, text: &[u8], signature: &str) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0);
        STANDARD.decode(signature).is_ok_and(|signature| key.verify(text, &signature).is_ok())
    }
}

fn der(pem: &str) -> anyhow::Result<Vec<u8>> {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(base64).context("a key that is no PEM")
}
