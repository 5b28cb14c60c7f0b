//! RSASSA-PKCS1-v1_5 with SHA-256, as Alipay and WeChat Pay sign, and keys in every form their consoles give them in.

mod der;
mod find;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use find::Found;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use secrecy::zeroize::Zeroizing;
use std::fmt;
use std::path::Path;

/// What is wrong with a key, for the person who has to replace it. Never holds a part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("it is empty")]
    Empty,
    #[error("the file {path} can't be read: {why}")]
    NoFile { path: String, why: String },
    #[error("it is neither a key nor the path of a file")]
    NeitherKeyNorFile,
    #[error("it stands in quotes: give it without them")]
    Quoted,
    #[error("it is neither PEM nor base64")]
    NotBase64,
    #[error("its PEM block is cut off: from BEGIN to END, both lines included")]
    Unfinished,
    #[error("it is not a key in PKCS#1, PKCS#8 or X.509 form")]
    NotAKey,
    #[error("it is not an RSA key")]
    NotRsa,
    #[error("it has {0} bits; 2048 to 8192 are needed")]
    WrongLength(usize),
    #[error("it is protected by a password: give it without one")]
    Encrypted,
    #[error("it is a public key, and the private one is needed")]
    PublicNotPrivate,
    #[error("it is a certificate, and the private key is needed")]
    CertificateNotPrivate,
    #[error("it is a private key, and the public one is needed; replace the private key, it may have been seen")]
    PrivateNotPublic,
    #[error("its parts contradict each other ({0})")]
    Inconsistent(String),
    #[error("the private and the public key do not belong together")]
    NotAPair,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the private key could not sign")]
pub struct SigningFailed;

pub struct PrivateKey(KeyPair);

impl PrivateKey {
    /// PEM (PKCS#1 or PKCS#8), or its base64 alone.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        let der = find::bytes(text)?;
        let pair = match find::key(&der)? {
            Found::Pkcs1Private(der) => KeyPair::from_der(der),
            Found::Pkcs8Private(der) => KeyPair::from_pkcs8(der),
            Found::Public(_) => return Err(KeyError::PublicNotPrivate),
            Found::Certificate(_) => return Err(KeyError::CertificateNotPrivate),
        };
        pair.map(Self).map_err(|why| KeyError::Inconsistent(why.to_string()))
    }

    /// The signature in base64.
    pub fn sign(&self, message: &[u8]) -> Result<String, SigningFailed> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map_err(|_| SigningFailed)?;
        Ok(STANDARD.encode(signature))
    }

    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.public().as_ref().to_vec())
    }

    pub fn belongs_to(&self, public: &PublicKey) -> Result<(), KeyError> {
        if self.public() == *public { Ok(()) } else { Err(KeyError::NotAPair) }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(kept secret)")
    }
}

/// As PKCS#1 has it, so that the same key is equal whatever it came wrapped in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// A public key or a certificate as PEM, or its base64 alone.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        let der = find::bytes(text)?;
        match find::key(&der)? {
            Found::Public(key) | Found::Certificate(key) => Ok(Self(key.to_vec())),
            Found::Pkcs1Private(_) | Found::Pkcs8Private(_) => Err(KeyError::PrivateNotPublic),
        }
    }

    /// Whether the holder of the private key signed these bytes. The signature is base64.
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0).verify(message, &signature).is_ok()
    }
}

/// Shorter than any key, longer than most paths.
const LONGEST_PATH: usize = 256;

/// What a setting names: the text of a key itself, or the file it is in.
pub fn text_of(setting: &str) -> Result<Zeroizing<String>, KeyError> {
    let setting = setting.trim();
    if setting.is_empty() {
        return Err(KeyError::Empty);
    }
    if setting.starts_with(['"', '\'', '`', '“', '‘']) {
        return Err(KeyError::Quoted);
    }
    if setting.starts_with("-----") || setting.len() > LONGEST_PATH {
        return Ok(Zeroizing::new(setting.to_owned()));
    }
    std::fs::read_to_string(Path::new(setting)).map(Zeroizing::new).map_err(|error| no_file(setting, &error))
}

/// What may be a piece of a key is not shown: in base64 there is no dot, and none begins with a slash.
fn no_file(setting: &str, error: &std::io::Error) -> KeyError {
    match setting.starts_with(['/', '~']) || setting.contains('.') {
        true => KeyError::NoFile { path: setting.to_owned(), why: error.to_string() },
        false => KeyError::NeitherKeyNorFile,
    }
}

/// The serial number of the certificate a text holds, in hexadecimal digits; `None`: it holds none.
pub fn certificate_serial(text: &str) -> Option<String> {
    find::serial(&find::bytes(text).ok()?).map(hex::encode_upper)
}
