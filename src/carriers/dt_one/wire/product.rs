//! What is sold: price, validity and what it gives.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Number;

use super::{refused, word};
use crate::carriers::amounts;
use crate::carriers::{CarrierError, Offer, Quote, Refusal, Reply};
use crate::money::Money;
use crate::plans::allowance::Allowance;
use crate::plans::term::Term;
use crate::units::Data;

#[derive(Deserialize)]
pub struct Product {
    id: u64,
    name: Option<String>,
    operator: Option<Operator>,
    validity: Option<Validity>,
    prices: Option<Prices>,
    #[serde(default)]
    benefits: Vec<Benefit>,
}

#[derive(Deserialize)]
struct Operator {
    country: Option<Country>,
}

#[derive(Deserialize)]
struct Country {
    iso_code: Option<String>,
}

#[derive(Deserialize)]
struct Validity {
    quantity: Option<i32>,
    unit: Option<String>,
}

#[derive(Deserialize)]
struct Prices {
    wholesale: Option<Price>,
}

#[derive(Deserialize)]
struct Price {
    amount: Option<Amount>,
    fee: Option<Number>,
    unit: Option<String>,
}

/// Products of any amount have a range instead.
#[derive(Deserialize)]
#[serde(untagged)]
enum Amount {
    Fixed(Number),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Benefit {
    #[serde(rename = "type")]
    kind: Option<String>,
    unit: Option<String>,
    amount: Option<BenefitAmount>,
}

#[derive(Deserialize)]
struct BenefitAmount {
    base: Option<Amount>,
}

pub fn quote(reply: &Reply) -> Result<Quote, CarrierError> {
    if let Some(refusal) = refused(reply) {
        return Ok(Quote { eligible: Err(refusal), price: None, cost: None });
    }
    match word::<Product>(reply)? {
        Ok(product) => Ok(Quote { eligible: Ok(()), price: None, cost: product.cost()? }),
        Err(_) => Ok(Quote { eligible: Err(Refusal::UnknownProduct), price: None, cost: None }),
    }
}

impl Product {
    fn cost(&self) -> Result<Option<Money>, CarrierError> {
        let Some(price) = self.prices.as_ref().and_then(|prices| prices.wholesale.as_ref()) else { return Ok(None) };
        let (Some(Amount::Fixed(amount)), Some(unit)) = (&price.amount, &price.unit) else { return Ok(None) };
        let Some(cost) = amounts::cost(amount, unit)? else { return Ok(None) };
        let fee = price.fee.as_ref().map(|fee| amounts::cost(fee, unit)).transpose()?.flatten();
        fee.map_or(Ok(cost), |fee| cost.add(fee)).map(Some).map_err(CarrierError::unknown)
    }

    pub fn offer(self) -> Result<Offer, CarrierError> {
        let country = self.operator.as_ref().and_then(|operator| operator.country.as_ref()?.iso_code.clone());
        Ok(Offer {
            cost: self.cost()?,
            title: self.name.clone().unwrap_or_else(|| self.id.to_string()),
            product: self.id.to_string(),
            term: self.validity.as_ref().and_then(Validity::term),
            allowance: Allowance {
                data: self.benefits.iter().find_map(Benefit::data).unwrap_or_default(),
                ..Allowance::default()
            },
            coverage: country.into_iter().collect(),
            effect: None,
        })
    }
}

impl Validity {
    fn term(&self) -> Option<Term> {
        Term::of(self.quantity?, &self.unit.as_deref()?.to_ascii_lowercase()).ok()
    }
}

impl Benefit {
    fn data(&self) -> Option<Data> {
        let Some(Amount::Fixed(base)) = &self.amount.as_ref()?.base else { return None };
        let is_data = self.kind.as_deref() == Some("DATA");
        is_data.then(|| Data::parse(&format!("{base} {}", self.unit.as_deref()?)).ok())?
    }
}
