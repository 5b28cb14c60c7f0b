//! What goes over the wire, and what an answer means.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::carriers::amounts::{self, whole};
use crate::carriers::{Answer, CarrierError, Offer, Quote, Refusal, Reply};
use crate::money::Money;
use crate::plans::allowance::Allowance;
use crate::plans::term::Term;
use crate::units::{Data, MB};

#[derive(Serialize)]
pub struct OrderBody<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    assign: bool,
    order: [Item<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    quantity: u8,
    item: &'a str,
    iccids: [&'a str; 1],
    /// A new eSIM in place of this one is never what was bought.
    allow_reassign: bool,
}

impl<'a> OrderBody<'a> {
    pub fn new(kind: &'static str, iccid: &'a str, product: &'a str) -> Self {
        let item = Item { kind: "bundle", quantity: 1, item: product, iccids: [iccid], allow_reassign: false };
        Self { kind, assign: true, order: [item] }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderReply {
    total: Option<Number>,
    currency: Option<String>,
    valid: Option<bool>,
    status_message: Option<String>,
    message: Option<String>,
    order_reference: Option<String>,
}

impl OrderReply {
    /// Their words for a no; an empty wallet is not the line's fault.
    fn refusal(self) -> Result<Refusal, CarrierError> {
        let words = self.status_message.or(self.message).filter(|words| !words.trim().is_empty());
        let words = words.ok_or_else(|| CarrierError::unknown("a no without a reason"))?;
        let lower = words.to_ascii_lowercase();
        let wallet = ["balance", "credit", "funds"].iter().any(|word| lower.contains(word));
        if wallet && lower.contains("insufficient") { Err(CarrierError::NoCredit) } else { Ok(Refusal::parse(&words)) }
    }
}

pub fn quote(reply: &Reply) -> Result<Quote, CarrierError> {
    let refused = |refusal| Quote { eligible: Err(refusal), price: None, cost: None };
    match reply.status {
        StatusCode::OK => {}
        StatusCode::BAD_REQUEST => return refusal(reply).map(refused),
        _ => return Err(reply.failure()),
    }
    let order: OrderReply = reply.json()?;
    match (order.valid, &order.total) {
        (Some(false), _) => order.refusal().map(refused),
        (_, Some(total)) => {
            let cost = amounts::cost(total, order.currency.as_deref().unwrap_or_default())?;
            Ok(Quote { eligible: Ok(()), price: None, cost })
        }
        (_, None) => Err(CarrierError::unknown("a validated order without a total")),
    }
}

pub fn submitted(reply: &Reply) -> Result<Answer, CarrierError> {
    match reply.status {
        StatusCode::OK => {}
        StatusCode::BAD_REQUEST => return refusal(reply).map(Answer::Refused),
        StatusCode::PAYMENT_REQUIRED => return Err(CarrierError::NoCredit),
        _ => return Err(reply.failure()),
    }
    let order: OrderReply = reply.json()?;
    match order.order_reference.as_deref() {
        Some(reference) if !reference.is_empty() => Ok(Answer::Accepted { reference: Some(reference.to_owned()) }),
        _ if order.valid == Some(false) => order.refusal().map(Answer::Refused),
        _ => Err(CarrierError::unknown("an order without a reference")),
    }
}

/// In their own words: an address that isn't there has none.
pub fn complains(reply: &Reply) -> bool {
    reply.json::<OrderReply>().is_ok_and(|reply| reply.message.is_some())
}

fn refusal(reply: &Reply) -> Result<Refusal, CarrierError> {
    reply.json::<OrderReply>().map_err(|_| reply.failure())?.refusal()
}

#[derive(Deserialize)]
pub struct Organisation {
    balance: Option<Number>,
    pub currency: Option<String>,
}

impl Organisation {
    pub fn credit(self) -> Result<Option<Money>, CarrierError> {
        let (Some(balance), Some(currency)) = (self.balance, self.currency) else { return Ok(None) };
        amounts::credit(&balance, &currency)
    }
}

#[derive(Deserialize)]
pub struct CatalogueReply {
    pub bundles: Vec<CatalogueBundle>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogueBundle {
    name: String,
    description: Option<String>,
    #[serde(default)]
    countries: Vec<Country>,
    /// In MB.
    data_amount: Option<Number>,
    /// In days.
    duration: Option<i32>,
    unlimited: Option<bool>,
    price: Option<Number>,
}

#[derive(Deserialize)]
struct Country {
    iso: Option<String>,
}

impl CatalogueBundle {
    pub fn offer(self, currency: &str) -> Result<Offer, CarrierError> {
        let megabytes = self.data_amount.as_ref().and_then(whole).filter(|amount| *amount > 0);
        let bytes = megabytes.and_then(|amount| amount.checked_mul(MB));
        let cost = self.price.map(|price| amounts::cost(&price, currency)).transpose()?.flatten();
        Ok(Offer {
            title: self.description.unwrap_or_else(|| self.name.clone()),
            product: self.name,
            cost,
            term: self.duration.and_then(|days| Term::of(days, "day").ok()),
            allowance: Allowance { data: Data::stored(self.unlimited == Some(true), bytes), ..Allowance::default() },
            coverage: self.countries.into_iter().filter_map(|country| country.iso).collect(),
            effect: None,
        })
    }
}

#[cfg(test)]
mod tests;
