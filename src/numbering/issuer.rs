use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::recognise::beginnings;
use crate::numbers::{Iccid, Msisdn};

const ISSUERS: &str = include_str!("../../assets/card-issuers.csv");
const COUNTRIES: &str = include_str!("../../assets/country-codes.csv");

/// Who issued a card and where, as far as its beginning tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Issuer {
    /// ISO 3166; nothing for satellites and others that are of no country.
    pub country: Option<&'static str>,
    pub issuer: Option<&'static str>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct IssuerRow {
    prefix: String,
    country: String,
    issuer: String,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct CountryRow {
    code: String,
    country: String,
}

/// The longest known beginning counts. A card that does not begin with `89`, as telecommunication cards do, tells nothing.
pub fn issuer(iccid: &Iccid) -> Issuer {
    let Some(digits) = iccid.as_str().strip_prefix("89") else {
        return Issuer::default();
    };
    // North American issuers fill their country code, 1, up to 01.
    let digits = digits.strip_prefix('0').filter(|rest| rest.starts_with('1')).unwrap_or(digits);
    let known = beginnings(digits).find_map(|prefix| issuers().get(prefix));
    known.copied().unwrap_or_else(|| Issuer { country: country(digits), issuer: None })
}

/// The country of a telephone number in international form. Numbers are ported, so nobody is named as its carrier.
pub(super) fn of_number(number: &Msisdn) -> Issuer {
    let country =
        number.region().as_deref().and_then(known).or_else(|| country(number.as_str().trim_start_matches('+')));
    Issuer { country, issuer: None }
}

/// The country that digits beginning with a country code are of; the biggest one where several share a code.
pub fn country(digits: &str) -> Option<&'static str> {
    let row = beginnings(digits).find_map(|code| countries().get(code))?;
    Some(*row).filter(|country| !country.is_empty())
}

/// The same country, as something that lasts.
fn known(country: &str) -> Option<&'static str> {
    countries().values().copied().find(|known| *known == country)
}

fn issuers() -> &'static HashMap<String, Issuer> {
    static ALL: LazyLock<HashMap<String, Issuer>> = LazyLock::new(|| {
        let rows = rows::<IssuerRow>(ISSUERS).flatten();
        let after_89 = |prefix: &str| prefix.strip_prefix("89").unwrap_or(prefix).to_owned();
        rows.map(|row| (after_89(&row.prefix), Issuer { country: lasting(row.country), issuer: lasting(row.issuer) }))
            .collect()
    });
    &ALL
}

fn countries() -> &'static HashMap<String, &'static str> {
    static ALL: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
        let rows = rows::<CountryRow>(COUNTRIES).flatten();
        rows.map(|row| (row.code, lasting(row.country).unwrap_or_default())).collect()
    });
    &ALL
}

/// The tables are read once and stay as long as the program.
fn lasting(text: String) -> Option<&'static str> {
    (!text.is_empty()).then(|| &*text.leak())
}

fn rows<T: DeserializeOwned + 'static>(csv: &'static str) -> impl Iterator<Item = Result<T, csv::Error>> {
    csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(csv.as_bytes()).into_deserialize()
}
