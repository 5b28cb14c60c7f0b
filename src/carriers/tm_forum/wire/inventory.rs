//! TMF637: the product on a line, its state and how long it is valid.

use serde::Deserialize;
use time::OffsetDateTime;

use super::Period;
use crate::carriers::{CarrierError, LineRef, LineState, Refusal};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    product_serial_number: Option<String>,
    status: Option<String>,
    #[serde(default)]
    product_term: Vec<Term>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
    valid_for: Option<Period>,
}

impl Product {
    pub fn is_of(&self, line: &LineRef) -> bool {
        let serial = self.product_serial_number.as_deref().unwrap_or_default().trim();
        serial.trim_end_matches(['F', 'f']) == line.iccid
    }

    /// The end of what runs longest.
    pub fn end(&self) -> Option<OffsetDateTime> {
        self.product_term.iter().filter_map(|term| term.valid_for.as_ref()?.end()).max()
    }

    /// The official list of states spells one of them `aborted` with a blank behind it.
    pub fn state(&self, now: OffsetDateTime) -> Option<LineState> {
        Some(match self.status.as_deref()?.trim() {
            "created" | "pendingActive" => LineState::New,
            "active" if self.end().is_some_and(|end| end <= now) => LineState::Expired,
            "active" => LineState::Active,
            "suspended" => LineState::Suspended,
            "pendingTerminate" | "terminated" | "cancelled" | "aborted" => LineState::Ended,
            _ => return None,
        })
    }

    pub fn eligible(&self, now: OffsetDateTime) -> Result<Result<(), Refusal>, CarrierError> {
        match self.state(now) {
            Some(LineState::Suspended | LineState::Ended) => Ok(Err(Refusal::NotRenewable)),
            Some(_) => Ok(Ok(())),
            None => Err(CarrierError::unknown("a product in a state we don't know")),
        }
    }
}

/// A card that was used again has a product that ended and one that did not.
pub fn current(products: Vec<Product>, now: OffsetDateTime) -> Option<Product> {
    products.into_iter().min_by_key(|product| match product.state(now) {
        Some(LineState::Active | LineState::Expired) => 0,
        Some(LineState::Ended) => 2,
        _ => 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    fn product(status: &str) -> Product {
        serde_json::from_value(serde_json::json!({ "status": status })).unwrap()
    }

    #[test]
    fn every_official_state_and_both_spellings_of_one() {
        use LineState::*;
        for (status, state) in [
            ("created", Some(New)),
            ("pendingActive", Some(New)),
            ("active", Some(Active)),
            ("suspended", Some(Suspended)),
            ("pendingTerminate", Some(Ended)),
            ("terminated", Some(Ended)),
            ("cancelled", Some(Ended)),
            ("aborted", Some(Ended)),
            ("aborted ", Some(Ended)),
            ("dreaming", None),
        ] {
            assert_eq!(product(status).state(NOW), state, "{status}");
        }
        assert_eq!(product("aborted ").eligible(NOW), Ok(Err(Refusal::NotRenewable)));
        assert_eq!(product("active").eligible(NOW), Ok(Ok(())));
        assert!(matches!(product("dreaming").eligible(NOW), Err(CarrierError::Unknown(_))));
    }

    #[test]
    fn the_longest_term_is_the_end_and_the_living_product_the_one() {
        let text = r#"{"status":"active","productTerm":[{},{"validFor":{"endDateTime":"2026-11-30T16:00:00Z"}},
            {"validFor":{"endDateTime":"2026-10-30T16:00:00Z"}}]}"#;
        let running: Product = serde_json::from_str(text).unwrap();
        assert_eq!(running.end(), Some(datetime!(2026-11-30 16:00 UTC)));
        assert_eq!(running.state(datetime!(2026-11-30 16:00 UTC)), Some(LineState::Expired));
        let chosen = current(vec![product("terminated"), running, product("odd")], NOW).unwrap();
        assert_eq!(chosen.state(NOW), Some(LineState::Active));
        assert!(current(vec![], NOW).is_none());
    }
}
