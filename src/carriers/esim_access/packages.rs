//! What is sold and what is left to pay it from. Amounts are dollars times 10,000.

use serde::Deserialize;

use super::wire;
use crate::carriers::{CarrierError, Offer, Refusal, Reply};
use crate::money::{Currency, Money};
use crate::plans::allowance::Allowance;
use crate::plans::term::Term;
use crate::units::Data;

const PER_CENT: i64 = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    package_list: Vec<Package>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    #[serde(rename = "packageCode")]
    pub code: String,
    name: Option<String>,
    price: Option<i64>,
    /// Bytes.
    pub volume: i64,
    duration: Option<i32>,
    duration_unit: Option<String>,
    /// Countries, with commas between them.
    location: Option<String>,
}

#[derive(Deserialize)]
struct Balance {
    balance: i64,
}

pub fn read(reply: &Reply) -> Result<Result<Vec<Package>, Refusal>, CarrierError> {
    Ok(wire::open::<Listed>(reply)?.map(|listed| listed.package_list))
}

/// What is left of a cent counts for nothing.
pub fn balance(reply: &Reply) -> Result<Money, CarrierError> {
    let refused = |refusal: Refusal| CarrierError::unknown(format!("no balance: {}", refusal.code()));
    let Balance { balance } = wire::open(reply)?.map_err(refused)?;
    Ok(Money::new(balance.div_euclid(PER_CENT), Currency::Usd))
}

impl Package {
    /// A part of a cent counts as a whole one.
    pub fn cost(&self) -> Result<Option<Money>, CarrierError> {
        let Some(price) = self.price else { return Ok(None) };
        if price < 0 {
            return Err(CarrierError::unknown("a price below nothing"));
        }
        Ok(Some(Money::new(price / PER_CENT + i64::from(price % PER_CENT != 0), Currency::Usd)))
    }

    pub fn offer(self) -> Result<Offer, CarrierError> {
        let countries = self.location.as_deref().unwrap_or_default().split(',').map(str::trim);
        Ok(Offer {
            cost: self.cost()?,
            term: self.term(),
            allowance: Allowance { data: Data::Bytes(self.volume), ..Allowance::default() },
            coverage: countries.filter(|code| code.len() == 2).map(str::to_owned).collect(),
            title: self.name.unwrap_or_else(|| self.code.clone()),
            product: self.code,
            effect: None,
        })
    }

    fn term(&self) -> Option<Term> {
        let unit = self.duration_unit.as_deref()?.to_ascii_lowercase();
        Term::of(self.duration?, &unit).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = r#"{"success":true,"errorCode":"0","obj":{"packageList":[
        {"packageCode":"TOPUP_JC172","slug":"JP_1_7","name":"Japan 1GB 7Days","price":18001,"currencyCode":"USD",
         "volume":1073741824,"duration":7,"durationUnit":"DAY","location":"JP, HK,NA-3","supportTopUpType":2}]}}"#;

    #[test]
    fn prices_are_ten_thousandths_of_a_dollar() {
        let package = read(&wire::reply(200, LISTED)).unwrap().unwrap().remove(0);
        assert_eq!(package.cost(), Ok(Some(Money::new(181, Currency::Usd))));
        let offer = package.offer().unwrap();
        assert_eq!((offer.product.as_str(), offer.term), ("TOPUP_JC172", Some(Term::Days(7))));
        assert_eq!((offer.coverage, offer.allowance.data), (vec!["JP".into(), "HK".into()], Data::Bytes(1 << 30)));
        let below = LISTED.replace("18001", "-1");
        assert!(read(&wire::reply(200, &below)).unwrap().unwrap()[0].cost().is_err());
        let unpriced = LISTED.replace("\"price\":18001,", "").replace("\"DAY\"", "\"MOON\"");
        let offer = read(&wire::reply(200, &unpriced)).unwrap().unwrap().remove(0).offer().unwrap();
        assert_eq!((offer.cost, offer.term), (None, None));
    }

    #[test]
    fn the_balance_is_never_told_higher_than_it_is() {
        let told = |amount: i64| {
            balance(&wire::reply(200, &format!(r#"{{"success":true,"obj":{{"balance":{amount}}}}}"#))).unwrap()
        };
        assert_eq!(told(100_099), Money::new(1_000, Currency::Usd));
        assert_eq!(told(-1), Money::new(-1, Currency::Usd));
        assert!(balance(&wire::reply(200, r#"{"success":true,"obj":{}}"#)).is_err());
    }
}
