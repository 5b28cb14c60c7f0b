//! What people and their things are called, as they write it.
use unicode_normalization::UnicodeNormalization;

pub const LONGEST: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    Missing,
    TooLong,
}

/// On one line, composed, and without the marks that turn the text around them.
pub fn tidied(typed: &str, longest: usize) -> Result<String, Unfit> {
    let turns = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain: String = typed.nfc().filter(|c| !turns(c)).collect();
    let name = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Unfit::Missing);
    }
    if name.chars().count() > longest {
        return Err(Unfit::TooLong);
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_world_stay_and_tricks_go() {
        for (typed, name) in [
            ("  Bo   Berg ", "Bo Berg"),
            ("Jose\u{301}", "Jos\u{e9}"),
            ("欧阳 娜娜", "欧阳 娜娜"),
            ("𠮷田 🌸", "𠮷田 🌸"),
            ("نازنین\u{200c}زهرا", "نازنین\u{200c}زهرا"),
            ("O’Neil-D'Arc <b>", "O’Neil-D'Arc <b>"),
            ("Bo\r\nBcc: x@y.example", "Bo Bcc: x@y.example"),
            ("Bo\u{2028}Berg", "Bo Berg"),
            ("\u{202e}oB\u{202c}", "oB"),
        ] {
            assert_eq!(tidied(typed, LONGEST).as_deref(), Ok(name), "{typed:?}");
        }
        for typed in ["", " \t", "\u{202e}", "Bo\u{7}", "Bo\0"] {
            assert_eq!(tidied(typed, LONGEST), Err(Unfit::Missing), "{typed:?}");
        }
        assert_eq!(tidied(&"名".repeat(101), LONGEST), Err(Unfit::TooLong));
    }
}
