//! `Simulator-Signature`: hex HMAC-SHA256 over the body as it came.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Sha256;

use crate::carriers::{Delivery, Notice, NoticeError, NoticeKind, Notices};

pub struct Signed {
    secret: SecretString,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    iccid: Option<String>,
    line_id: Option<String>,
    request_id: Option<String>,
}

impl Signed {
    pub fn with(secret: &str) -> Self {
        Self { secret: secret.into() }
    }

    fn is_genuine(&self, signature: &str, body: &[u8]) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes()) else { return false };
        mac.update(body);
        hex::decode(signature).is_ok_and(|signature| mac.verify_slice(&signature).is_ok())
    }
}

impl Notices for Signed {
    fn read(&self, delivery: &Delivery<'_>) -> Result<Notice, NoticeError> {
        let mut signatures = delivery.headers.get_all("simulator-signature").iter();
        let (Some(signature), None) = (signatures.next(), signatures.next()) else {
            return Err(NoticeError::NotGenuine("not signed"));
        };
        if !self.is_genuine(signature.to_str().unwrap_or_default(), delivery.body) {
            return Err(NoticeError::NotGenuine("wrong signature"));
        }
        let event: Event =
            serde_json::from_slice(delivery.body).map_err(|error| NoticeError::Unreadable(error.to_string()))?;
        Ok(Notice {
            event_key: event.id,
            iccid: event.iccid,
            carrier_line_id: event.line_id,
            reference: event.request_id,
            kind: kind(event.kind),
        })
    }
}

fn kind(word: String) -> NoticeKind {
    match word.as_str() {
        "low_data" => NoticeKind::LowData,
        "expiring" => NoticeKind::Expiring,
        "line_changed" => NoticeKind::LineChanged,
        "renewal" => NoticeKind::Renewal,
        "low_credit" => NoticeKind::LowCredit,
        "health" => NoticeKind::Health,
        _ => NoticeKind::Other(word),
    }
}
