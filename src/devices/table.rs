use crate::numbers::half_width;
use serde::Deserialize;
use std::sync::LazyLock;

/// By maker, then year, then model. Each row names the maker's page that it is checked against.
const CSV: &str = include_str!("../../assets/devices.csv");

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Device {
    pub maker: String,
    pub maker_zh: String,
    pub model: String,
    pub since: u16,
    note: String,
    pub source: String,
}

impl Device {
    /// What to watch for: `cellular`, `mainland`, `greater-china`, `regions`, `local`.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.note.split_whitespace()
    }

    fn is_meant_by(&self, words: &[String]) -> bool {
        let name = squeezed(&format!("{}{}{}", self.maker, self.maker_zh, self.model));
        words.iter().all(|word| name.contains(word))
    }
}

pub fn all() -> &'static [Device] {
    static ALL: LazyLock<Vec<Device>> = LazyLock::new(|| rows().flatten().collect());
    &ALL
}

fn rows() -> impl Iterator<Item = Result<Device, csv::Error>> {
    csv::Reader::from_reader(CSV.as_bytes()).into_deserialize()
}

/// Every device whose maker and model have all the words in them, however they are written.
pub fn find(asked: &str) -> Vec<&'static Device> {
    let asked = scripts_apart(&half_width(asked));
    let words: Vec<String> = asked.split_whitespace().map(squeezed).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return Vec::new();
    }
    all().iter().filter(|device| device.is_meant_by(&words)).collect()
}

/// `苹果13` is two words, though nobody writes a blank between them.
fn scripts_apart(text: &str) -> String {
    let mut apart = String::new();
    for character in text.chars() {
        if apart.chars().last().is_some_and(|last| last.is_ascii() != character.is_ascii()) {
            apart.push(' ');
        }
        apart.push(character);
    }
    apart
}

/// `Z Flip-5` and `zflip5` are the same; the plus of `S23+` counts.
fn squeezed(text: &str) -> String {
    text.to_lowercase().chars().filter(|character| character.is_alphanumeric() || *character == '+').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    fn models(asked: &str) -> Vec<&'static str> {
        find(asked).into_iter().map(|device| device.model.as_str()).collect()
    }

    #[test]
    fn every_row_can_be_read_and_names_its_source() {
        for row in rows() {
            let device = row.unwrap();
            for text in [&device.maker, &device.maker_zh, &device.model] {
                assert!(!text.is_empty() && text.trim() == text, "{device:?}");
            }
            assert!((2017..=2030).contains(&device.since), "{device:?}");
            assert!(url::Url::parse(&device.source).unwrap().scheme() == "https", "{device:?}");
            for note in device.notes() {
                for language in [Lang::En, Lang::Zh] {
                    assert!(language.texts().has(&format!("devices-note-{note}")), "{device:?}");
                }
            }
        }
        assert!(all().len() > 120);
    }

    #[test]
    fn rows_are_sorted_and_none_is_there_twice() {
        let key = |device: &'static Device| (&device.maker, device.since, &device.model);
        for pair in all().windows(2) {
            assert!(key(&pair[0]) < key(&pair[1]), "{:?} before {:?}", pair[0], pair[1]);
        }
        let mut names: Vec<_> =
            all().iter().map(|device| squeezed(&format!("{} {}", device.maker, device.model))).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn finds_what_people_write() {
        assert_eq!(models("iphone xr"), ["iPhone XR"]);
        assert_eq!(models("苹果 13 mini"), ["iPhone 13 mini"]);
        assert_eq!(models("苹果13mini"), ["iPhone 13 mini"]);
        assert_eq!(models("ＩＰＨＯＮＥ　ＸＲ"), ["iPhone XR"]);
        assert_eq!(models("zflip-5"), ["Galaxy Z Flip5"]);
        assert_eq!(models("samsung s23+"), ["Galaxy S23+"]);
        assert_eq!(models("三星 Fold4"), ["Galaxy Z Fold4"]);
        assert!(models("iphone 8").is_empty());
        assert!(models("iphone xrr").is_empty());
        assert!(models("  ").is_empty() && models("- /").is_empty());
    }
}
