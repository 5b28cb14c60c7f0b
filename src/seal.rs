//! What is stored so that only this portal can read it. Each sealed value names its key: the first key seals, all of them
//! open, and a key can be taken away once nothing is sealed with it any more.
use std::sync::Arc;

use anyhow::{Context, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::ids;

#[derive(Clone, Default)]
pub struct KeyRing(Arc<[(String, LessSafeKey)]>);

/// As it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub key: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("there is no key to seal with (SECRET_KEYS)")]
    NoKey,
    #[error("there is no key {0:?} to open with (SECRET_KEYS)")]
    Unknown(String),
    #[error("it was sealed with another key, for something else, or was changed")]
    Broken,
}

impl KeyRing {
    /// `name:key,name:key`: each key 32 bytes in base64.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let keys: Vec<_> =
            text.split(',').map(str::trim).filter(|key| !key.is_empty()).map(key).collect::<Result<_, _>>()?;
        let mut names: Vec<&str> = keys.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        ensure!(names.windows(2).all(|pair| pair[0] != pair[1]), "SECRET_KEYS: two keys have one name");
        Ok(Self(keys.into()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same bytes open for the same `purpose` only: a row's secret is of no use in another row.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Sealed, SealError> {
        let (name, key) = self.0.first().ok_or(SealError::NoKey)?;
        let mut nonce = [0; NONCE_LEN];
        ids::fill_random(&mut nonce);
        let mut sealed = plain.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose), &mut sealed)
            .map_err(|_| SealError::Broken)?;
        Ok(Sealed { key: name.clone(), bytes: [nonce.as_slice(), &sealed].concat() })
    }

    pub fn open(&self, purpose: &str, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        let found = self.0.iter().find(|(name, _)| *name == sealed.key);
        let (_, key) = found.ok_or_else(|| SealError::Unknown(sealed.key.clone()))?;
        let (nonce, bytes) = sealed.bytes.split_at_checked(NONCE_LEN).ok_or(SealError::Broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Broken)?;
        let mut bytes = bytes.to_vec();
        let plain = key.open_in_place(nonce, Aad::from(purpose), &mut bytes).map_err(|_| SealError::Broken)?;
        Ok(plain.to_vec())
    }

    /// The names of the keys that open and do not seal any more.
    pub fn older(&self) -> Vec<&str> {
        self.0.iter().skip(1).map(|(name, _)| name.as_str()).collect()
    }

    /// Whether it is sealed with another key than new values are.
    pub fn is_old(&self, sealed: &Sealed) -> bool {
        self.0.first().is_some_and(|(name, _)| *name != sealed.key)
    }
}

fn key(text: &str) -> anyhow::Result<(String, LessSafeKey)> {
    let (name, key) = text.split_once(':').context("SECRET_KEYS: a key is written as name:key")?;
    ensure!(!name.is_empty() && name.len() <= 20, "SECRET_KEYS: a key's name has 1 to 20 characters");
    let bytes = BASE64_STANDARD.decode(key.trim()).ok().filter(|bytes| bytes.len() == AES_256_GCM.key_len());
    let bytes = bytes.with_context(|| format!("SECRET_KEYS: the key {name} is not 32 bytes in base64"))?;
    let key = UnboundKey::new(&AES_256_GCM, &bytes).ok().with_context(|| format!("SECRET_KEYS: the key {name}"))?;
    Ok((name.to_owned(), LessSafeKey::new(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    #[test]
    fn what_is_sealed_opens_for_its_purpose_alone() {
        let ring = KeyRing::parse(OLD).unwrap();
        let sealed = ring.seal("totp:1", b"secret").unwrap();
        assert_ne!(sealed.bytes, ring.seal("totp:1", b"secret").unwrap().bytes);
        assert_eq!(ring.open("totp:1", &sealed).unwrap(), b"secret");
        assert!(matches!(ring.open("totp:2", &sealed), Err(SealError::Broken)));
        for at in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[at] ^= 1;
            assert!(ring.open("totp:1", &changed).is_err(), "{at}");
        }
        assert!(ring.open("totp:1", &Sealed { bytes: vec![1], ..sealed }).is_err());
    }

    #[test]
    fn a_new_key_seals_while_the_old_one_still_opens() {
        let old = KeyRing::parse(OLD).unwrap().seal("x", b"secret").unwrap();
        let ring = KeyRing::parse(&format!("{NEW}, {OLD}")).unwrap();
        assert_eq!(ring.open("x", &old).unwrap(), b"secret");
        assert!(ring.is_old(&old) && !ring.is_old(&ring.seal("x", b"secret").unwrap()));
        let without = KeyRing::parse(NEW).unwrap();
        assert!(matches!(without.open("x", &old), Err(SealError::Unknown(_))));
        assert!(matches!(KeyRing::default().seal("x", b""), Err(SealError::NoKey)));
    }

    #[test]
    fn keys_that_are_none_are_named() {
        for wrong in ["x", "x:", "x:AAAA", ":AAAA", &format!("{OLD},{OLD}")] {
            assert!(KeyRing::parse(wrong).is_err(), "{wrong}");
        }
        assert!(KeyRing::parse("").unwrap().is_empty());
    }
}
