//! The portal's texts in its two languages, from `locales/*/*.ftl`, read once. A key that one language lacks fails a test, not a page.

mod bundle;
mod pattern;

pub use bundle::{Arg, Texts};

use crate::lang::Lang;
use std::sync::OnceLock;

impl Lang {
    pub fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    pub fn is_chinese(self) -> bool {
        self == Self::Zh
    }

    /// The visitor's first language we speak, by the order and weights of `Accept-Language` (RFC 9110, 12.5.4).
    pub fn accepted(header: &str) -> Option<Self> {
        let weighted = header.split(',').filter_map(|part| {
            let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
            Some((Self::parse(tag.trim())?, weight.trim().parse::<f32>().unwrap_or(0.0)))
        });
        weighted
            .fold(None::<(Self, f32)>, |best, next| match best {
                Some(best) if best.1 >= next.1 => Some(best),
                _ => Some(next),
            })
            .filter(|best| best.1 > 0.0)
            .map(|best| best.0)
    }

    pub fn texts(self) -> &'static Texts {
        static ALL: OnceLock<[Texts; 2]> = OnceLock::new();
        let [chinese, english] = ALL.get_or_init(|| [Texts::load(Self::Zh), Texts::load(Self::En)]);
        match self {
            Self::Zh => chinese,
            Self::En => english,
        }
    }

    /// The text of `key`.
    pub fn t(self, key: &str) -> &'static str {
        self.texts().plain(key)
    }

    /// The text of `key` with its parameters filled in.
    pub fn ta(self, key: &str, args: &[(&str, Arg)]) -> String {
        self.texts().filled(key, args)
    }
}

#[cfg(test)]
mod tests {
    use super::Arg;
    use crate::lang::Lang;

    #[test]
    fn the_weightiest_language_we_speak_wins() {
        assert_eq!(Lang::accepted("de-DE,de;q=0.9,en;q=0.8,zh;q=0.7"), Some(Lang::En));
        assert_eq!(Lang::accepted("en;q=0.5, zh-TW"), Some(Lang::Zh));
        assert_eq!(Lang::accepted("fr, en;q=0"), None);
        assert_eq!(Lang::accepted(""), None);
    }

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_parameters() {
        let [chinese, english] = Lang::ALL.map(|language| language.texts().keys());
        assert_eq!(chinese, english);
        assert!(chinese.len() > 20);
    }

    #[test]
    fn every_text_is_filled_as_fluent_fills_it() {
        for language in Lang::ALL {
            for (key, parameters) in language.texts().keys() {
                for number in [-1, 0, 1, 2, 5, 11, 21, 100, 1_000_000] {
                    // What wants a text takes a number as well, as Fluent sees it.
                    let args: Vec<(&str, Arg)> =
                        parameters.iter().map(|name| (name.as_str(), Arg::Number(number))).collect();
                    assert_eq!(language.ta(key, &args), language.texts().resolved(key, &args), "{key}");
                }
                let args: Vec<(&str, Arg)> = parameters.iter().map(|name| (name.as_str(), Arg::from("x"))).collect();
                assert_eq!(language.ta(key, &args), language.texts().resolved(key, &args), "{key}");
            }
        }
    }
}
