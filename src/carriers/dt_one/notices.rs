use super::DtOne;
use super::wire::{State, Transaction};
use crate::carriers::{Delivery, Notice, NoticeError, NoticeKind, Notices};

impl Notices for DtOne {
    /// A report is no proof: what became of the transaction is asked.
    fn read(&self, delivery: &Delivery<'_>) -> Result<Notice, NoticeError> {
        if !self.callback_from.contains(&delivery.peer.to_canonical()) {
            return Err(NoticeError::NotGenuine("not from an address that was named"));
        }
        let report: Transaction =
            serde_json::from_slice(delivery.body).map_err(|error| NoticeError::Unreadable(error.to_string()))?;
        let kind = match report.state() {
            State::Reversed => NoticeKind::Other("reversed".to_owned()),
            _ => NoticeKind::Renewal,
        };
        // Each move of a transaction is told once.
        let event_key = format!("{}:{:?}", report.id, report.state());
        Ok(Notice { event_key, iccid: None, carrier_line_id: None, reference: Some(report.external_id), kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carriers::dt_one::Settings;
    use crate::clock::Clock;
    use axum::http::HeaderMap;
    use std::time::Duration;

    fn read(peer: &str, body: &str) -> Result<Notice, NoticeError> {
        let settings = Settings {
            address: "http://localhost".to_owned(),
            api_key: "key".into(),
            api_secret: "secret".into(),
            callback_url: None,
            callback_from: vec!["192.0.2.7".parse().unwrap()],
        };
        let carrier = DtOne::new(&settings, Duration::from_secs(1), Clock::real()).unwrap();
        let (headers, peer) = (HeaderMap::new(), peer.parse().unwrap());
        carrier.read(&Delivery { headers: &headers, body: body.as_bytes(), peer })
    }

    #[test]
    fn reports_are_believed_from_named_addresses_only() {
        let report = |class: u8| {
            format!(r#"{{"id":7,"external_id":"order:1:renew","status":{{"message":"X","class":{{"id":{class}}}}}}}"#)
        };
        let done = read("192.0.2.7", &report(7)).unwrap();
        assert_eq!((done.kind, done.reference.as_deref()), (NoticeKind::Renewal, Some("order:1:renew")));
        let reversed = read("::ffff:192.0.2.7", &report(8)).unwrap();
        assert_eq!(reversed.kind, NoticeKind::Other("reversed".to_owned()));
        assert_ne!(reversed.event_key, done.event_key, "another event of the same transaction");
        assert!(matches!(read("192.0.2.8", &report(7)), Err(NoticeError::NotGenuine(_))));
        assert!(matches!(read("192.0.2.7", "{}"), Err(NoticeError::Unreadable(_))));
    }
}
