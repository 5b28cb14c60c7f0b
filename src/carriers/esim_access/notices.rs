//! Notices come unsigned, so only those from its own addresses are believed; what they say is asked after anyway.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::EsimAccess;
use crate::carriers::{Delivery, Notice, NoticeError, NoticeKind, Notices};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    notify_type: String,
    notify_id: Option<String>,
    #[serde(default)]
    content: Content,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    iccid: Option<String>,
    esim_tran_no: Option<String>,
}

impl Notices for EsimAccess {
    fn read(&self, delivery: &Delivery<'_>) -> Result<Notice, NoticeError> {
        if !self.notices_from.contains(&delivery.peer.to_canonical()) {
            return Err(NoticeError::NotGenuine("from another address"));
        }
        let body: Body =
            serde_json::from_slice(delivery.body).map_err(|error| NoticeError::Unreadable(error.to_string()))?;
        let hash = || hex::encode(Sha256::digest(delivery.body));
        let kind = kind(&body.notify_type);
        Ok(Notice {
            event_key: body.notify_id.unwrap_or_else(hash),
            iccid: body.content.iccid,
            carrier_line_id: body.content.esim_tran_no,
            // The transaction it names is that of the eSIM's own order.
            reference: None,
            kind,
        })
    }
}

fn kind(name: &str) -> NoticeKind {
    match name {
        "CHECK_HEALTH" => NoticeKind::Health,
        "DATA_USAGE" => NoticeKind::LowData,
        "VALIDITY_USAGE" => NoticeKind::Expiring,
        "ORDER_STATUS" | "SMDP_EVENT" | "ESIM_STATUS" => NoticeKind::LineChanged,
        other => NoticeKind::Other(other.chars().take(60).collect()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::HeaderMap;

    use super::*;
    use crate::carriers::esim_access::{Settings, senders};
    use crate::clock::Clock;

    fn read(peer: &str, body: &str) -> Result<Notice, NoticeError> {
        let settings = Settings {
            address: "http://127.0.0.1:1".to_owned(),
            access_code: "us".to_owned(),
            secret_key: "hush".into(),
            notices_from: senders(),
        };
        let carrier = EsimAccess::new(&settings, Duration::from_secs(1), Clock::real()).unwrap();
        carrier.read(&Delivery { headers: &HeaderMap::new(), body: body.as_bytes(), peer: peer.parse().unwrap() })
    }

    #[test]
    fn only_its_own_addresses_are_believed() {
        let body = r#"{"notifyType":"DATA_USAGE","notifyId":"n1","eventGenerateTime":"2026-11-22T09:00:00Z",
            "content":{"iccid":"89","esimTranNo":"25052822150009","remain":5}}"#;
        for peer in ["3.1.131.226", "18.136.19.137", "::ffff:54.254.74.88"] {
            let notice = read(peer, body).unwrap();
            assert_eq!((notice.event_key.as_str(), notice.kind), ("n1", NoticeKind::LowData));
            assert_eq!(notice.carrier_line_id.as_deref(), Some("25052822150009"));
        }
        for peer in ["127.0.0.1", "3.1.131.227", "::1"] {
            assert_eq!(read(peer, body), Err(NoticeError::NotGenuine("from another address")), "{peer}");
        }
    }

    #[test]
    fn each_kind_is_what_it_says() {
        for (name, kind) in [
            ("CHECK_HEALTH", NoticeKind::Health),
            ("VALIDITY_USAGE", NoticeKind::Expiring),
            ("ESIM_STATUS", NoticeKind::LineChanged),
            ("NEWS", NoticeKind::Other("NEWS".to_owned())),
        ] {
            let body = format!(r#"{{"notifyType":"{name}"}}"#);
            let notice = read("3.1.131.226", &body).unwrap();
            assert_eq!(notice.kind, kind);
            assert_eq!(notice.event_key.len(), 64);
        }
        for body in ["", "{}", r#"{"notifyType":7}"#, r#"{"notifyType":"DATA_USAGE","content":[1]}"#] {
            assert!(matches!(read("3.1.131.226", body), Err(NoticeError::Unreadable(_))), "{body}");
        }
    }
}
