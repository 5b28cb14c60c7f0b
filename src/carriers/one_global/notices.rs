//! What 1GLOBAL tells of a SIM. It is not signed: it is believed for the address it comes from, and for a name and
//! password where 1GLOBAL was asked to send them along.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::Believed;
use crate::carriers::{CarrierError, Delivery, Notice, NoticeError, NoticeKind, Notices};

pub struct Watch {
    from: Vec<IpAddr>,
    authorization: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    id: String,
    r#type: String,
    iccid: Option<String>,
    subscription_id: Option<String>,
    download_progress_step: Option<String>,
    notification_status: Option<String>,
}

impl Watch {
    pub fn new(believed: &Believed) -> Result<Self, CarrierError> {
        let authorization = match (&believed.user, &believed.password) {
            (Some(user), Some(password)) => {
                Some(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose()))))
            }
            (None, None) => None,
            _ => return Err(CarrierError::misconfigured("notices have a user without a password, or the reverse")),
        };
        Ok(Self { from: believed.from.clone(), authorization })
    }

    fn believes(&self, delivery: &Delivery<'_>) -> Result<(), NoticeError> {
        if self.from.is_empty() && self.authorization.is_none() {
            return Err(NoticeError::NotGenuine("nothing is set by which it could be told"));
        }
        if !self.from.is_empty() && !self.from.contains(&delivery.peer.to_canonical()) {
            return Err(NoticeError::NotGenuine("from an address that is not on the list"));
        }
        match &self.authorization {
            Some(expected) if !shows(delivery.headers, expected) => {
                Err(NoticeError::NotGenuine("without the name and password"))
            }
            _ => Ok(()),
        }
    }
}

fn shows(headers: &HeaderMap, expected: &str) -> bool {
    let shown = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
    shown.ct_eq(expected.as_bytes()).into()
}

impl Notices for Watch {
    fn read(&self, delivery: &Delivery<'_>) -> Result<Notice, NoticeError> {
        self.believes(delivery)?;
        let body: Body =
            serde_json::from_slice(delivery.body).map_err(|error| NoticeError::Unreadable(error.to_string()))?;
        // Nobody says that the id alone is an event's own, so what else tells events apart goes with it.
        let parts = [&body.subscription_id, &body.download_progress_step, &body.notification_status];
        let more: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        Ok(Notice {
            event_key: format!("{}:{}:{}", body.r#type, body.id, more.join(":")),
            iccid: body.iccid,
            carrier_line_id: None,
            reference: None,
            kind: match body.r#type.as_str() {
                "USAGE_THRESHOLD" => NoticeKind::LowData,
                "SUBSCRIPTION_END" | "DOWNLOAD_PROGRESS" => NoticeKind::LineChanged,
                _ => NoticeKind::Other(body.r#type),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"1234-56789","type":"USAGE_THRESHOLD","iccid":"893000000002391231",
        "subscription_id":"ZHNhc2Rhc2Q=","threshold":80,"current_balance":1073741824}"#;

    fn watch(from: &[&str], user: Option<&str>) -> Watch {
        let from = from.iter().map(|address| address.parse().unwrap()).collect();
        let user = user.map(str::to_owned);
        let password = user.as_ref().map(|_| "secret".into());
        Watch::new(&Believed { from, user, password }).unwrap()
    }

    fn read(watch: &Watch, peer: &str, authorization: Option<&str>, body: &[u8]) -> Result<Notice, NoticeError> {
        let mut headers = HeaderMap::new();
        if let Some(text) = authorization {
            headers.insert(header::AUTHORIZATION, text.parse().unwrap());
        }
        watch.read(&Delivery { headers: &headers, body, peer: peer.parse().unwrap() })
    }

    #[test]
    fn it_is_believed_for_all_that_is_set() {
        let by_address = watch(&["192.0.2.7"], None);
        let both = watch(&["192.0.2.7"], Some("portal"));
        let right = format!("Basic {}", STANDARD.encode("portal:secret"));
        assert!(read(&by_address, "192.0.2.7", None, BODY).is_ok());
        assert!(read(&by_address, "::ffff:192.0.2.7", None, BODY).is_ok());
        assert!(read(&both, "192.0.2.7", Some(&right), BODY).is_ok());
        for (watch, peer, shown) in [
            (&by_address, "192.0.2.8", None),
            (&both, "192.0.2.7", None),
            (&both, "192.0.2.7", Some("Basic eDp5")),
            (&both, "192.0.2.8", Some(right.as_str())),
            (&watch(&[], None), "192.0.2.7", Some(right.as_str())),
        ] {
            assert!(matches!(read(watch, peer, shown, BODY), Err(NoticeError::NotGenuine(_))), "{peer} {shown:?}");
        }
        let half = Believed { user: Some("portal".to_owned()), ..Believed::default() };
        assert!(Watch::new(&half).is_err());
    }

    #[test]
    fn each_kind_is_known_and_events_are_told_apart() {
        let watch = watch(&["192.0.2.7"], None);
        let text = String::from_utf8(BODY.to_vec()).unwrap();
        let read = |text: &str| read(&watch, "192.0.2.7", None, text.as_bytes());
        let first = read(&text).unwrap();
        assert_eq!((first.kind.clone(), first.iccid.as_deref()), (NoticeKind::LowData, Some("893000000002391231")));
        assert_eq!(read(&text).unwrap(), first);
        let end = read(&text.replace("USAGE_THRESHOLD", "SUBSCRIPTION_END")).unwrap();
        assert!(end.kind == NoticeKind::LineChanged && end.event_key != first.event_key);
        assert_eq!(read(&text.replace("USAGE_THRESHOLD", "NEW")).unwrap().kind, NoticeKind::Other("NEW".to_owned()));
        for broken in ["", "{}", "[]", &text[..40]] {
            assert!(matches!(read(broken), Err(NoticeError::Unreadable(_))), "{broken}");
        }
    }
}
