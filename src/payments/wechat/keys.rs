use crate::payments::rsa::{self, PublicKey};
use secrecy::{ExposeSecret, SecretString};

/// What the public keys of WeChat Pay's newer scheme are named like; platform certificates have a plain serial.
const PUBLIC_KEY: &str = "PUB_KEY_ID_";

/// WeChat Pay's keys by the serial it names in every answer. While a merchant is moved from platform certificates to
/// the public key, answers come with either.
pub struct Keyring(Vec<(String, PublicKey)>);

impl Keyring {
    /// `SERIAL=KEY`, several separated by `;`. A key is a file, PEM (public key or certificate) or its base64 alone.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entries = text.split(';').map(str::trim).filter(|entry| !entry.is_empty());
        let keys: Vec<_> = entries.map(entry).collect::<Result<_, _>>()?;
        match keys.is_empty() {
            true => Err("it holds no key; give SERIAL=KEY".to_owned()),
            false => Ok(Self(keys)),
        }
    }

    pub fn find(&self, serial: &str) -> Option<&PublicKey> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(serial)).map(|(_, key)| key)
    }

    pub fn holds(&self, key: &PublicKey) -> bool {
        self.0.iter().any(|(_, known)| known == key)
    }

    /// The one we ask answers to be signed with.
    pub fn preferred(&self) -> Option<&str> {
        let newer = self.0.iter().find(|(serial, _)| serial.starts_with(PUBLIC_KEY));
        newer.or(self.0.first()).map(|(serial, _)| serial.as_str())
    }
}

fn entry(text: &str) -> Result<(String, PublicKey), String> {
    let (serial, key) = text.split_once('=').ok_or("an entry has no `=` between serial and key")?;
    let serial = serial.trim();
    let digits = serial.strip_prefix(PUBLIC_KEY).unwrap_or(serial);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(format!("`{}` is no serial", serial.chars().take(60).collect::<String>()));
    }
    match rsa::text_of(key).and_then(|text| PublicKey::read(&text)) {
        Ok(key) => Ok((serial.to_owned(), key)),
        Err(error) => Err(format!("the key of {serial}: {error}")),
    }
}

/// Opens what notifications carry.
#[derive(Clone)]
pub struct ApiV3Key(SecretString);

impl ApiV3Key {
    pub fn parse(secret: &SecretString) -> Result<Self, String> {
        match secret.expose_secret().len() {
            32 => Ok(Self(secret.clone())),
            length => Err(format!("it has {length} characters instead of 32")),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}
