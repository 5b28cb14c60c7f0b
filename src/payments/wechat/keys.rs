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
        if text.trim().starts_with(['"', '\'', '“']) {
            return Err(format!("it stands in quotes: give it without them, {EXAMPLE}"));
        }
        let entries = text.split(';').map(str::trim).filter(|entry| !entry.is_empty());
        let keys: Vec<(String, PublicKey)> = entries.map(entry).collect::<Result<_, _>>()?;
        let twice = keys.iter().enumerate().find(|(at, (id, _))| keys[..*at].iter().any(|(known, _)| same(known, id)));
        match twice {
            _ if keys.is_empty() => Err(format!("it holds no key; give SERIAL=KEY, {EXAMPLE}")),
            Some((_, (id, _))) => Err(format!("{id} is there twice")),
            None => Ok(Self(keys)),
        }
    }

    pub fn find(&self, serial: &str) -> Option<&PublicKey> {
        self.0.iter().find(|(known, _)| same(known, serial)).map(|(_, key)| key)
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

const EXAMPLE: &str = "such as PUB_KEY_ID_0112345678=/etc/portal/wechat.pem;5157F09EFDC096DE15EBE81A47057A7200000000=/etc/portal/platform.pem";

fn same(known: &str, serial: &str) -> bool {
    known.eq_ignore_ascii_case(serial)
}

fn entry(text: &str) -> Result<(String, PublicKey), String> {
    let no_serial = || format!("an entry has no `=` between serial and key; give SERIAL=KEY, {EXAMPLE}");
    let (serial, key) = text.split_once('=').ok_or_else(no_serial)?;
    let serial = serial.trim();
    let digits = serial.strip_prefix(PUBLIC_KEY).unwrap_or(serial);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(format!(
            "`{}` is no serial; give SERIAL=KEY, {EXAMPLE}",
            serial.chars().take(60).collect::<String>()
        ));
    }
    if key.split_once(',').is_some_and(|(_, rest)| rest.contains('=')) {
        return Err(format!("several entries are separated by `;`, not by `,`: {EXAMPLE}"));
    }
    let told = |error: rsa::KeyError| format!("the key of {serial}: {error}");
    let text = rsa::text_of(key).map_err(told)?;
    let read = PublicKey::read(&text).map_err(told)?;
    match rsa::certificate_serial(&text) {
        Some(own) if !same(own.trim_start_matches('0'), serial.trim_start_matches('0')) => {
            Err(format!("the certificate given as {serial} has the serial number {own}: put that before its `=`"))
        }
        _ => Ok((serial.to_owned(), read)),
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

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = include_str!("../../../tests/fixtures/rsa/certificate.pem");
    const PUBLIC: &str = include_str!("../../../tests/fixtures/rsa/spki.pem");

    fn refused(text: &str) -> String {
        Keyring::parse(text).err().unwrap_or_default()
    }

    #[test]
    fn a_certificate_stands_under_its_own_serial() {
        let own = rsa::certificate_serial(CERTIFICATE).unwrap();
        assert_eq!(rsa::certificate_serial(PUBLIC), None);
        assert_eq!(refused(&format!("{}={CERTIFICATE}", own.to_lowercase())), "");
        for other in ["5157F09EFDC096DE15EBE81A47057A7200000000", "PUB_KEY_ID_0119"] {
            assert!(refused(&format!("{other}={CERTIFICATE}")).contains(&own), "{other}");
        }
    }

    #[test]
    fn what_is_written_wrongly_is_answered_with_how_it_is_written() {
        let twice = format!("PUB_KEY_ID_01={PUBLIC};pub_key_id_02={PUBLIC};PUB_KEY_ID_01={PUBLIC}");
        assert!(refused(&twice.replace("pub_key_id", "PUB_KEY_ID")).contains("is there twice"));
        let commas = format!("PUB_KEY_ID_01={PUBLIC},PUB_KEY_ID_02={PUBLIC}");
        for (text, hint) in
            [(commas.as_str(), "separated by `;`"), ("a,b", EXAMPLE), ("", EXAMPLE), ("\"PUB_KEY_ID_01=x\"", "quotes")]
        {
            assert!(refused(text).contains(hint), "{text}: {}", refused(text));
        }
    }
}
