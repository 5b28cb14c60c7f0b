use super::keys::ApiV3Key;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::Deserialize;

const ALGORITHM: &str = "AEAD_AES_256_GCM";

/// The sealed part of a notification.
#[derive(Deserialize)]
pub struct Resource {
    algorithm: String,
    ciphertext: String,
    nonce: String,
    #[serde(default)]
    associated_data: Option<String>,
}

impl Resource {
    /// `None`: it was not sealed with this key, or changed since.
    pub fn open(&self, key: &ApiV3Key) -> Option<Vec<u8>> {
        if self.algorithm != ALGORITHM {
            return None;
        }
        let mut sealed = STANDARD.decode(&self.ciphertext).ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.bytes()).ok()?);
        let nonce = Nonce::try_assume_unique_for_key(self.nonce.as_bytes()).ok()?;
        let aad = Aad::from(self.associated_data.as_deref().unwrap_or_default().as_bytes());
        let plain = key.open_in_place(nonce, aad, &mut sealed).ok()?;
        Some(plain.to_vec())
    }
}
