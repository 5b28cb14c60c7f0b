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
    /// The biggest of those that share it first.
    countries: String,
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
    beginnings(digits).find_map(|code| countries().get(code))?.first().copied()
}

/// The same country, as something that lasts.
fn known(country: &str) -> Option<&'static str> {
    countries().values().flatten().copied().find(|known| *known == country)
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

fn countries() -> &'static HashMap<String, Vec<&'static str>> {
    static ALL: LazyLock<HashMap<String, Vec<&'static str>>> = LazyLock::new(|| {
        let rows = rows::<CountryRow>(COUNTRIES).flatten();
        rows.map(|row| (row.code, row.countries.split_whitespace().filter_map(|one| lasting(one.to_owned())).collect()))
            .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(iccid: &str) -> (Option<&'static str>, Option<&'static str>) {
        let Issuer { country, issuer } = issuer(&Iccid::parse(iccid).unwrap());
        (country, issuer)
    }

    #[test]
    fn the_longest_known_beginning_tells_issuer_and_country() {
        for (iccid, country, issuer) in [
            ("89860012345678901238", Some("CN"), Some("China Mobile")),
            ("8986 0612 3456 7890 1238", Some("CN"), Some("China Unicom")),
            ("89860512345678901238", Some("CN"), None),
            ("89852122400011380651", Some("HK"), Some("China Mobile Hong Kong")),
            ("89852992400011380651", Some("HK"), None),
            ("8931089318104284409F", Some("NL"), Some("KPN")),
            ("8901260866666666666F", Some("US"), Some("T-Mobile USA")),
            ("8912608666666666666", Some("US"), Some("T-Mobile USA")),
            ("8901236866666666666", Some("CA"), Some("Bell Canada")),
            ("8901999866666666666", Some("US"), None),
            ("89701012345678901234", Some("RU"), None),
            ("8999701234567890123", Some("KZ"), Some("Kar-Tel")),
            ("8997250230000292199", Some("IL"), Some("Pelephone")),
            ("89883170000000000017", None, Some("emnify")),
            ("89883300000000000017", None, Some("1NCE")),
            ("89878000000000000017", None, None),
            ("89210000000000000017", None, None),
            ("98860012345678901238", None, None),
        ] {
            assert_eq!(told(iccid), (country, issuer), "{iccid}");
        }
    }

    #[test]
    fn a_number_is_of_the_country_that_gives_it_out() {
        for (number, country) in [
            ("+8613800138000", Some("CN")),
            ("+85251380000", Some("HK")),
            ("+16137827274", Some("CA")),
            ("+12124561414", Some("US")),
            ("+18765221234", Some("JM")),
            ("+77011234567", Some("KZ")),
            ("+79161234567", Some("RU")),
            ("+883510138104", None),
        ] {
            let told = of_number(&Msisdn::parse(number).unwrap());
            assert_eq!((told.country, told.issuer), (country, None), "{number}");
        }
    }

    #[test]
    fn every_row_can_be_read_and_stands_in_its_place() {
        let issuers: Vec<IssuerRow> = rows(ISSUERS).map(Result::unwrap).collect();
        let codes: Vec<CountryRow> = rows(COUNTRIES).map(Result::unwrap).collect();
        assert!(issuers.len() > 350 && codes.len() > 200);
        assert!(issuers.windows(2).all(|pair| pair[0].prefix < pair[1].prefix), "sorted, and none is there twice");
        assert!(codes.windows(2).all(|pair| pair[0].code < pair[1].code), "sorted, and none is there twice");
        for row in &issuers {
            let digits = row.prefix.strip_prefix("89").unwrap();
            assert!(digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{row:?}");
            assert!(!row.issuer.is_empty() && row.issuer.trim() == row.issuer, "{row:?}");
            assert!(codes.iter().any(|code| digits.starts_with(&code.code)), "of no country code: {row:?}");
        }
        let shared = codes.iter().flat_map(|row| row.countries.split(' '));
        for country in issuers.iter().map(|row| &*row.country).chain(shared) {
            assert!(country.is_empty() || (country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase())));
        }
        assert!([ISSUERS, COUNTRIES].iter().all(|csv| csv.contains("\n# Sources: ") && csv.contains("https://")));
    }

    #[test]
    fn a_country_code_has_one_to_three_digits() {
        for (digits, country) in [
            ("1", Some("US")),
            ("7", Some("RU")),
            ("86138", Some("CN")),
            ("852", Some("HK")),
            ("882", None),
            ("", None),
        ] {
            assert_eq!(super::country(digits), country, "{digits}");
        }
    }

    #[test]
    fn country_codes_agree_with_the_numbering_plans_of_libphonenumber() {
        for row in rows::<CountryRow>(COUNTRIES).map(Result::unwrap).filter(|row| row.code != "997") {
            let code: u16 = row.code.parse().unwrap();
            let theirs = phonenumber::metadata::DATABASE.region(&code).unwrap_or_default();
            let ours: Vec<&str> = row.countries.split_whitespace().collect();
            let sorted = |codes: &[&str]| {
                let mut codes: Vec<String> =
                    codes.iter().filter(|code| **code != "001").map(|code| (*code).to_owned()).collect();
                codes.sort();
                codes
            };
            assert_eq!(sorted(&ours), sorted(&theirs), "{code}");
            assert!(ours.is_empty() || ours[0] == theirs[0], "{code}: {ours:?} {theirs:?}");
        }
    }
}
