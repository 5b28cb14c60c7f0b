//! Callbacks of version 3. Version 2 is not signed and so not believed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::Number;
use sha2::{Digest, Sha256};

use super::EsimGo;
use crate::carriers::amounts::whole;
use crate::carriers::{Delivery, Notice, NoticeError, NoticeKind, Notices};

const HEADER: &str = "x-signature-sha256";
/// Of a hundred parts of the data; less is little.
const LITTLE: i64 = 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Callback {
    iccid: Option<Iccid>,
    alert_type: String,
    bundle: Option<Bundle>,
}

/// Some write it as a number; one of twenty digits is beyond what can be read as such.
#[derive(Deserialize)]
#[serde(untagged)]
enum Iccid {
    Text(String),
    Number(u64),
    Beyond(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    reference: Option<String>,
    initial_quantity: Option<Number>,
    remaining_quantity: Option<Number>,
}

impl Notices for EsimGo {
    fn read(&self, delivery: &Delivery<'_>) -> Result<Notice, NoticeError> {
        verify(self.api_key.expose().as_bytes(), delivery)?;
        let callback: Callback =
            serde_json::from_slice(delivery.body).map_err(|error| NoticeError::Unreadable(error.to_string()))?;
        let kind = callback.kind();
        Ok(Notice {
            // A callback has no id of its own; the same one is sent again in the same bytes.
            event_key: hex::encode(Sha256::digest(delivery.body)),
            iccid: callback.iccid.and_then(Iccid::text),
            carrier_line_id: None,
            reference: callback.bundle.and_then(|bundle| bundle.reference),
            kind,
        })
    }
}

impl Iccid {
    fn text(self) -> Option<String> {
        match self {
            Iccid::Text(text) => Some(text.trim().to_owned()),
            Iccid::Number(number) => Some(number.to_string()),
            Iccid::Beyond(_) => None,
        }
    }
}

impl Callback {
    fn kind(&self) -> NoticeKind {
        match self.alert_type.to_ascii_lowercase().as_str() {
            "utilisation" if self.bundle.as_ref().is_some_and(Bundle::is_low) => NoticeKind::LowData,
            "utilisation" => NoticeKind::LineChanged,
            _ => NoticeKind::Other(self.alert_type.chars().take(60).collect()),
        }
    }
}

impl Bundle {
    fn is_low(&self) -> bool {
        let read = |number: &Option<Number>| number.as_ref().and_then(whole).map(i128::from);
        let (initial, remaining) = (read(&self.initial_quantity), read(&self.remaining_quantity));
        initial.zip(remaining).is_some_and(|(initial, left)| left * 100 <= initial * i128::from(LITTLE))
    }
}

/// The schema says base64, the guide shows hex: one of the two must fit.
fn verify(key: &[u8], delivery: &Delivery<'_>) -> Result<(), NoticeError> {
    let mut values = delivery.headers.get_all(HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(NoticeError::NotGenuine("not signed once"));
    };
    let text = value.as_bytes();
    let said = [STANDARD.decode(text).ok(), hex::decode(text).ok()];
    let fits = |signature: &Vec<u8>| mac(key, delivery.body).is_some_and(|mac| mac.verify_slice(signature).is_ok());
    if said.iter().flatten().any(fits) { Ok(()) } else { Err(NoticeError::NotGenuine("signed with another key")) }
}

fn mac(key: &[u8], body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(body);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carriers::esim_go::Settings;
    use crate::clock::Clock;
    use axum::http::HeaderMap;
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    const BODY: &str = r#"{"iccid":"8944538532008160222","alertType":"Utilisation","bundle":{"id":"1","reference":"r-0","name":"esim_1GB","initialQuantity":1000.0,"remainingQuantity":90.00}}"#;
    // printf '%s' "$BODY" | openssl dgst -sha256 -hmac rehearsal -binary | base64, and without -binary
    const BASE64: &str = "gSBGXjISZKnQ0AmDTHY3H8M9rF8Q9Zey/neQ07xPmYY=";
    const HEX: &str = "8120465e321264a9d0d009834c76371fc33dac5f10f597b2fe7790d3bc4f9986";

    fn read<'a>(body: &str, signatures: impl IntoIterator<Item = &'a str>) -> Result<Notice, NoticeError> {
        let settings = Settings { address: "http://localhost".to_owned(), api_key: "rehearsal".into() };
        let carrier = EsimGo::new(&settings, Duration::from_secs(1), Clock::real()).unwrap();
        let mut headers = HeaderMap::new();
        for signature in signatures {
            headers.append(HEADER, signature.parse().unwrap());
        }
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        carrier.read(&Delivery { headers: &headers, body: body.as_bytes(), peer })
    }

    #[test]
    fn what_is_signed_with_the_key_is_believed_in_either_writing() {
        for signature in [BASE64, HEX] {
            let notice = read(BODY, Some(signature)).unwrap();
            assert_eq!(notice.kind, NoticeKind::LowData);
            assert_eq!(notice.iccid.as_deref(), Some("8944538532008160222"));
            assert_eq!(notice.reference.as_deref(), Some("r-0"));
            assert_eq!(notice.event_key, read(BODY, Some(BASE64)).unwrap().event_key);
        }
    }

    #[test]
    fn anything_else_is_not() {
        for signature in [None, Some(""), Some("AAAA"), Some("not base64!")] {
            assert!(matches!(read(BODY, signature), Err(NoticeError::NotGenuine(_))), "{signature:?}");
        }
        assert!(matches!(read(BODY, [BASE64, HEX]), Err(NoticeError::NotGenuine(_))), "signed twice");
        let changed = BODY.replace("90.00", "91.00");
        assert!(matches!(read(&changed, Some(BASE64)), Err(NoticeError::NotGenuine(_))));
    }

    #[test]
    fn kinds_nobody_told_us_of_are_kept() {
        let kind = |body: &str| serde_json::from_str::<Callback>(body).unwrap().kind();
        assert_eq!(kind(r#"{"alertType":"FirstAttachment"}"#), NoticeKind::Other("FirstAttachment".to_owned()));
        let plenty = BODY.replace("90.00", "900");
        assert_eq!(kind(&plenty), NoticeKind::LineChanged);
        let numbered: Callback =
            serde_json::from_str(r#"{"iccid":8944538532008160222,"alertType":"Utilisation"}"#).unwrap();
        assert_eq!(numbered.iccid.and_then(Iccid::text).as_deref(), Some("8944538532008160222"));
        let beyond: Callback = serde_json::from_str(r#"{"iccid":89445385320081602229,"alertType":"x"}"#).unwrap();
        assert_eq!(beyond.iccid.and_then(Iccid::text), None);
    }
}
