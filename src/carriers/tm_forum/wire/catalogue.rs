//! TMF620: what the carrier sells, for how long, and what it costs.

use serde::Deserialize;
use serde_json::{Number, Value};
use time::OffsetDateTime;

use super::Period;
use crate::carriers::{Offer, amounts};
use crate::money::Money;
use crate::plans::allowance::Allowance;
use crate::plans::term::Term;
use crate::units::Data;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offering {
    id: Option<String>,
    name: Option<String>,
    lifecycle_status: Option<String>,
    is_sellable: Option<bool>,
    valid_for: Option<Period>,
    #[serde(default)]
    product_offering_term: Vec<OfferedTerm>,
    #[serde(default)]
    product_offering_price: Vec<OfferedPrice>,
    #[serde(default)]
    prod_spec_char_value_use: Vec<Characteristic>,
}

#[derive(Deserialize)]
struct OfferedTerm {
    duration: Option<Duration>,
}

#[derive(Deserialize)]
struct Duration {
    amount: Option<i32>,
    units: Option<String>,
}

#[derive(Deserialize)]
struct OfferedPrice {
    price: Option<Price>,
}

/// In an offer the amount stands in a field of its own; in a price by itself it does not.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Price {
    tax_included_amount: Option<Amount>,
    duty_free_amount: Option<Amount>,
    #[serde(flatten)]
    plain: Amount,
}

#[derive(Deserialize)]
struct Amount {
    unit: Option<String>,
    value: Option<Number>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Characteristic {
    name: Option<String>,
    #[serde(default)]
    product_spec_characteristic_value: Vec<CharacteristicValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CharacteristicValue {
    value: Option<Value>,
    unit_of_measure: Option<String>,
}

impl Offering {
    pub fn is_sold(&self, now: OffsetDateTime) -> bool {
        let launched = |status: &str| ["active", "launched"].contains(&status.trim().to_ascii_lowercase().as_str());
        self.is_sellable.unwrap_or(true)
            && self.lifecycle_status.as_deref().is_none_or(launched)
            && self.valid_for.as_ref().is_none_or(|period| period.covers(now))
    }

    /// The one price of an offer; `None` where there are several or it is only referred to.
    pub fn cost(&self) -> Option<Money> {
        match self.product_offering_price.as_slice() {
            [only] => only.price.as_ref()?.money(),
            _ => None,
        }
    }

    fn term(&self) -> Option<Term> {
        let duration = self.product_offering_term.first()?.duration.as_ref()?;
        let units = duration.units.as_deref()?.trim().to_ascii_lowercase();
        match units.strip_suffix('s').unwrap_or(&units) {
            "year" => Term::of(duration.amount?.checked_mul(12)?, "month").ok(),
            unit => Term::of(duration.amount?, unit).ok(),
        }
    }

    fn data(&self, name: &str) -> Data {
        let named = |characteristic: &&Characteristic| {
            characteristic.name.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(name))
        };
        let value = self.prod_spec_char_value_use.iter().find(named);
        let value = value.and_then(|found| found.product_spec_characteristic_value.first());
        value.and_then(CharacteristicValue::data).unwrap_or_default()
    }

    pub fn offer(&self, data_characteristic: &str) -> Option<Offer> {
        let product = self.id.clone()?;
        Some(Offer {
            title: self.name.clone().unwrap_or_else(|| product.clone()),
            product,
            cost: self.cost(),
            term: self.term(),
            allowance: Allowance { data: self.data(data_characteristic), ..Allowance::default() },
            coverage: vec![],
            effect: None,
        })
    }
}

impl Price {
    fn money(&self) -> Option<Money> {
        let amount = self.tax_included_amount.as_ref().or(self.duty_free_amount.as_ref()).unwrap_or(&self.plain);
        amounts::cost(amount.value.as_ref()?, amount.unit.as_deref()?.trim()).ok()?
    }
}

impl CharacteristicValue {
    fn data(&self) -> Option<Data> {
        let text = match self.value.as_ref()? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        let units = self.unit_of_measure.as_deref().unwrap_or_default();
        Data::parse(&text).or_else(|_| Data::parse(&format!("{text} {units}"))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);
    const WHOLE: &str = r#"{"id":"off-30d-10gb","name":"10 GB, 30 days","lifecycleStatus":"Active","isSellable":true,
        "validFor":{"startDateTime":"2026-01-01T00:00:00Z"},
        "productOfferingTerm":[{"duration":{"amount":30,"units":"days"}}],
        "productOfferingPrice":[{"priceType":"one time","price":{"taxIncludedAmount":{"unit":"CNY","value":36.75}}}],
        "prodSpecCharValueUse":[{"name":"Data","productSpecCharacteristicValue":[{"value":10,"unitOfMeasure":"GB"}]}]}"#;

    fn offering(text: &str) -> Offering {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_offer_is_read_whole() {
        let offer = offering(WHOLE).offer("data").unwrap();
        assert_eq!(offer.cost, Some(Money::new(3_675, Currency::Cny)));
        assert_eq!(offer.term, Some(Term::Days(30)));
        assert_eq!(offer.allowance.data, Data::Bytes(10_000_000_000));
        assert_eq!((offer.product.as_str(), offer.title.as_str()), ("off-30d-10gb", "10 GB, 30 days"));
        let yearly = WHOLE.replace(r#""amount":30,"units":"days""#, r#""amount":1,"units":"Year""#);
        assert_eq!(offering(&yearly).offer("data").unwrap().term, Some(Term::Months(12)));
    }

    #[test]
    fn what_is_not_said_or_makes_no_sense_is_left_open() {
        let bare = offering(r#"{"id":"x"}"#).offer("data").unwrap();
        assert_eq!((bare.cost, bare.term, bare.allowance), (None, None, Allowance::default()));
        for price in ["{}", r#"{"unit":"XXX","value":1}"#, r#"{"unit":"CNY","value":-1}"#, r#"{"unit":"CNY"}"#] {
            let text = format!(r#"{{"id":"x","productOfferingPrice":[{{"price":{price}}}]}}"#);
            assert_eq!(offering(&text).cost(), None, "{price}");
        }
        let plain = r#"{"id":"x","productOfferingPrice":[{"price":{"unit":"CNY","value":5}}]}"#;
        assert_eq!(offering(plain).cost(), Some(Money::new(500, Currency::Cny)));
        assert!(offering("{}").offer("data").is_none());
    }

    #[test]
    fn withdrawn_offers_are_not_sold() {
        assert!(offering(WHOLE).is_sold(NOW) && offering("{}").is_sold(NOW));
        for (from, to) in [
            (r#""isSellable":true"#, r#""isSellable":false"#),
            ("Active", "Retired"),
            ("Active", "In test"),
            ("2026-01-01", "2027-01-01"),
        ] {
            assert!(!offering(&WHOLE.replace(from, to)).is_sold(NOW), "{to}");
        }
    }
}
