//! The names of countries and regions, by their ISO 3166 codes; the names are those of the Unicode CLDR.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::lang::Lang;

const CSV: &str = include_str!("../assets/countries.csv");

#[derive(Deserialize)]
struct Country {
    code: String,
    en: String,
    zh: String,
}

/// All of them, in the order of their codes.
pub fn all(language: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    known().values().map(move |country| (country.code.as_str(), country.name(language)))
}

/// `None` for what is no country's code.
pub fn name(code: &str, language: Lang) -> Option<&'static str> {
    known().get(&code.to_ascii_uppercase()).map(|country| country.name(language))
}

fn known() -> &'static BTreeMap<String, Country> {
    static ALL: LazyLock<BTreeMap<String, Country>> = LazyLock::new(|| {
        let rows = csv::Reader::from_reader(CSV.as_bytes()).into_deserialize::<Country>();
        rows.flatten().map(|country| (country.code.clone(), country)).collect()
    });
    &ALL
}

impl Country {
    fn name(&self, language: Lang) -> &str {
        match language {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_read() {
        let rows: Vec<Country> =
            csv::Reader::from_reader(CSV.as_bytes()).into_deserialize().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), 250);
        assert!(rows.iter().all(|row| row.code.len() == 2 && !row.en.is_empty() && !row.zh.is_empty()));
    }

    #[test]
    fn all_of_them_can_be_listed() {
        assert_eq!(all(Lang::En).count(), 250);
        assert!(all(Lang::Zh).any(|country| country == ("DE", "德国")));
    }

    #[test]
    fn names_are_there_in_both_languages() {
        assert_eq!((name("ID", Lang::En), name("id", Lang::Zh)), (Some("Indonesia"), Some("印度尼西亚")));
        assert_eq!(name("HK", Lang::Zh), Some("中国香港"));
        assert_eq!(name("XX", Lang::En), None);
    }
}
