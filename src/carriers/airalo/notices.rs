//! Little data, a near end and a low credit: Airalo writes of them if it was asked to.

use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Airalo, signature};
use crate::carriers::{Delivery, Notice, NoticeError, NoticeKind, Notices};

#[derive(Deserialize)]
struct Body {
    level: Option<String>,
    iccid: Option<String>,
    /// Of the operator's credit.
    remaining: Option<Value>,
}

impl Notices for Airalo {
    fn read(&self, delivery: &Delivery<'_>) -> Result<Notice, NoticeError> {
        let signed = header(delivery.headers).ok_or(NoticeError::NotGenuine("not signed"))?;
        if !signature::fits(&self.secret, delivery.body, signed) {
            return Err(NoticeError::NotGenuine("signed with another key"));
        }
        let body: Body =
            serde_json::from_slice(delivery.body).map_err(|error| NoticeError::Unreadable(error.to_string()))?;
        // It has neither id nor time, and the same words come again months later. What is repeated comes within hours.
        let hash = hex::encode(Sha256::digest(delivery.body));
        let event_key = format!("{}:{hash}", self.clock.now().date());
        let kind = body.kind();
        Ok(Notice { event_key, iccid: body.iccid, carrier_line_id: None, reference: None, kind })
    }
}

impl Body {
    fn kind(&self) -> NoticeKind {
        match &self.level {
            Some(level) if level.ends_with('%') => NoticeKind::LowData,
            Some(level) if level.contains("day") => NoticeKind::Expiring,
            Some(level) => NoticeKind::Other(level.chars().take(60).collect()),
            None if self.iccid.is_none() && self.remaining.is_some() => NoticeKind::LowCredit,
            None => NoticeKind::Other("unnamed".to_owned()),
        }
    }
}

/// A header that is there once; twice is as good as not at all.
fn header(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(signature::HEADER).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    use super::*;
    use crate::carriers::airalo::Settings;
    use crate::clock::Clock;
    use crate::money::Currency;

    fn read(body: &str, signatures: &[&str]) -> Result<Notice, NoticeError> {
        let settings = Settings {
            address: "http://127.0.0.1:1".to_owned(),
            client_id: "us".to_owned(),
            client_secret: "hush".into(),
            currency: Currency::Usd,
        };
        let airalo = Airalo::new(&settings, Duration::from_secs(1), Clock::real()).unwrap();
        let mut headers = HeaderMap::new();
        for signature in signatures {
            headers.append(signature::HEADER, signature.parse().unwrap());
        }
        airalo.read(&Delivery { headers: &headers, body: body.as_bytes(), peer: IpAddr::V4(Ipv4Addr::LOCALHOST) })
    }

    fn signed(body: &str) -> String {
        signature::sign(&"hush".into(), body)
    }

    #[test]
    fn what_is_signed_is_sorted() {
        for (body, kind) in [
            (r#"{"level":"75%","package_name":"x","remaining_percentage":25,"iccid":"89"}"#, NoticeKind::LowData),
            (r#"{"level":"3days","iccid":"89"}"#, NoticeKind::Expiring),
            (r#"{"level":"moon","iccid":"89"}"#, NoticeKind::Other("moon".to_owned())),
            (r#"{"message":"low","remaining":"12.50"}"#, NoticeKind::LowCredit),
            ("{}", NoticeKind::Other("unnamed".to_owned())),
        ] {
            let notice = read(body, &[&signed(body)]).unwrap();
            assert_eq!(notice.kind, kind, "{body}");
            assert_eq!(notice.event_key, read(body, &[&signed(body)]).unwrap().event_key);
        }
    }

    #[test]
    fn what_is_not_signed_once_and_rightly_is_not_believed() {
        let body = r#"{"level":"75%","iccid":"89"}"#;
        let right = signed(body);
        let other = signed("{}");
        let cases: [&[&str]; 5] = [&[], &[""], &[&other], &[&right, &right], &["zz"]];
        for signatures in cases {
            assert!(matches!(read(body, signatures), Err(NoticeError::NotGenuine(_))), "{signatures:?}");
        }
        let broken = "{\"level\":";
        assert!(matches!(read(broken, &[&signed(broken)]), Err(NoticeError::Unreadable(_))));
    }
}
