//! The whole catalogue: countries or regions, in them operators, in them packages. Only top-ups renew a line.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Deserialize;

use super::client::Client;
use super::wire::Package;
use crate::carriers::{CarrierError, Offer, Reply};
use crate::money::Currency;

const PAGES: u32 = 100;

#[derive(Deserialize)]
struct Page {
    data: Places,
    meta: Option<Meta>,
}

/// From the second page on it may be an object instead of a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Places {
    Listed(Vec<Place>),
    Keyed(BTreeMap<String, Place>),
}

#[derive(Deserialize)]
struct Meta {
    last_page: Option<u32>,
}

#[derive(Deserialize)]
struct Place {
    #[serde(default)]
    operators: Vec<Operator>,
}

#[derive(Deserialize)]
struct Operator {
    #[serde(default)]
    countries: Vec<Country>,
    #[serde(default)]
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Country {
    country_code: Option<String>,
}

pub async fn read(client: &Client, currency: Currency) -> Result<Vec<Offer>, CarrierError> {
    let mut offers = BTreeMap::new();
    for number in 1..=PAGES {
        let query = [("include", "topup"), ("limit", "100"), ("page", &number.to_string())];
        let is_last = collect(&client.get_catalogue(&query).await?, number, currency, &mut offers)?;
        if is_last {
            return Ok(offers.into_values().collect());
        }
    }
    Err(CarrierError::unknown("a catalogue without end"))
}

/// Says whether this was the last page.
fn collect(
    reply: &Reply,
    number: u32,
    currency: Currency,
    offers: &mut BTreeMap<String, Offer>,
) -> Result<bool, CarrierError> {
    if reply.status != StatusCode::OK {
        return Err(reply.failure());
    }
    let page: Page = reply.json()?;
    let places: Vec<Place> = match page.data {
        Places::Listed(places) => places,
        Places::Keyed(places) => places.into_values().collect(),
    };
    let last = places.is_empty() || page.meta.and_then(|meta| meta.last_page).is_none_or(|last| number >= last);
    for operator in places.into_iter().flat_map(|place| place.operators) {
        let coverage: Vec<String> = operator.countries.into_iter().filter_map(|country| country.country_code).collect();
        let top_ups = operator.packages.into_iter().filter(|package| package.kind.as_deref() == Some("topup"));
        for package in top_ups {
            let offer = package.offer(currency)?;
            let known = offers.entry(offer.product.clone()).or_insert(offer);
            known.coverage.extend(coverage.iter().cloned());
            known.coverage.sort_unstable();
            known.coverage.dedup();
        }
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str, number: u32, offers: &mut BTreeMap<String, Offer>) -> Result<bool, CarrierError> {
        collect(&Reply { status: StatusCode::OK, body: body.into() }, number, Currency::Usd, offers)
    }

    #[test]
    fn top_ups_are_collected_over_pages_of_both_shapes() {
        let operator = |country: &str| {
            format!(
                r#"{{"operators":[{{"countries":[{{"country_code":"{country}"}}],"packages":[
                    {{"id":"go-7days","type":"sim","price":5}},
                    {{"id":"go-7days-topup","type":"topup","day":7,"amount":1024,"net_price":4.5}}]}}]}}"#
            )
        };
        let mut offers = BTreeMap::new();
        let first = format!(r#"{{"data":[{}],"meta":{{"last_page":2}}}}"#, operator("JP"));
        assert_eq!(page(&first, 1, &mut offers), Ok(false));
        let second = format!(r#"{{"data":{{"7":{}}},"meta":{{"last_page":2}}}}"#, operator("AU"));
        assert_eq!(page(&second, 2, &mut offers), Ok(true));
        assert_eq!(offers.len(), 1);
        assert_eq!(offers["go-7days-topup"].coverage, ["AU", "JP"]);
        assert_eq!(page(r#"{"data":[]}"#, 1, &mut offers), Ok(true));
        for body in ["{}", r#"{"data":7}"#, r#"{"data":[{"operators":{}}]}"#] {
            assert!(page(body, 1, &mut offers).is_err(), "{body}");
        }
    }
}
