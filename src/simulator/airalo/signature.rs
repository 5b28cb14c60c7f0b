//! What a client of Airalo signs: the fields as compact JSON in the order they were sent, every `/` escaped.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use sha2::Sha512;

/// Fields in their order, which JSON objects of other kinds forget.
pub struct Fields(pub Vec<(String, Value)>);

impl Fields {
    pub fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(field, _)| field == name)?;
        value.as_str().filter(|text| !text.is_empty())
    }

    pub fn is_signed(&self, secret: &str, signature: Option<&str>) -> bool {
        let fields: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect();
        let text = format!("{{{}}}", fields.join(",")).replace('/', "\\/");
        let signature = signature.and_then(|signature| hex::decode(signature).ok());
        signature.is_some_and(|signature| mac(secret, &text).verify_slice(&signature).is_ok())
    }
}

pub fn sign(secret: &str, text: &str) -> String {
    hex::encode(mac(secret, text).finalize().into_bytes())
}

#[allow(clippy::expect_used)] // HMAC takes keys of every length
fn mac(secret: &str, text: &str) -> Hmac<Sha512> {
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).expect("any length of key");
    mac.update(text.as_bytes());
    mac
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = vec![];
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}
