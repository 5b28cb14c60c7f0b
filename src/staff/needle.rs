//! One search box: what is looked for is told by its shape.

use crate::ids;
use crate::numbers::half_width;

/// Digits fewer than this are at the end of too many numbers.
const FEWEST_DIGITS: usize = 3;

/// What the text could be, in the form in which the database has it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Needle {
    pub email: Option<String>,
    pub name: Option<String>,
    pub order: Option<String>,
    /// The end of a number or of an ICCID.
    pub ending: Option<String>,
    /// The start of an ICCID.
    pub iccid: Option<String>,
}

impl Needle {
    /// `None`: too little to look for.
    pub fn of(text: &str) -> Option<Self> {
        let text = half_width(text).trim().to_lowercase();
        if text.is_empty() || text.chars().count() > 100 {
            return None;
        }
        if text.contains('@') {
            return Some(Self { email: Some(text), ..Self::default() });
        }
        let digits = digits(&text);
        let order = ids::as_order_number(&text);
        match digits {
            Some(digits) if digits.len() < FEWEST_DIGITS => None,
            Some(digits) => Some(Self { order, ..Self::digits(digits) }),
            None => {
                let is_word = text.is_ascii() && !text.contains(char::is_whitespace);
                let order = order.or_else(|| ids::as_order_number(&format!("R{text}")));
                Some(Self { email: is_word.then(|| text.clone()), name: Some(text), order, ..Self::default() })
            }
        }
    }

    fn digits(digits: String) -> Self {
        // All ICCIDs begin with 89; a whole one is found by its beginning.
        let iccid = (digits.starts_with("89") && digits.len() >= 6).then(|| digits.clone());
        // 0 before a number is dialled within a country and is no part of it.
        let ending = if digits.len() >= 9 { digits.trim_start_matches('0') } else { &digits };
        Self { ending: Some(ending.to_owned()), iccid, ..Self::default() }
    }

    /// What kind of search it is, for the audit trail.
    pub fn kind(&self) -> &'static str {
        match self {
            Self { order: Some(_), .. } => "order",
            Self { iccid: Some(_), .. } => "iccid",
            Self { ending: Some(_), .. } => "number",
            Self { name: Some(_), .. } => "name",
            _ => "email",
        }
    }
}

/// The digits, if there is nothing but digits and what people put between them.
fn digits(text: &str) -> Option<String> {
    let between = |c: char| c.is_whitespace() || "-+()./'\"=".contains(c);
    let text = text.strip_suffix('f').filter(|rest| rest.starts_with("89")).unwrap_or(text);
    let kept: String = text.chars().filter(|&c| !between(c)).collect();
    (!kept.is_empty() && kept.bytes().all(|byte| byte.is_ascii_digit())).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::Needle;

    fn needle(text: &str) -> Needle {
        Needle::of(text).unwrap_or_default()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn tells_by_the_shape() {
        for (text, kind) in [
            ("Li.Wei@demo", "email"),
            ("r-7k2m-9qxa", "order"),
            ("R7K2M 9QXA", "order"),
            ("x9vm gmaw", "order"),
            ("8100", "number"),
            ("138 0013 8100", "number"),
            ("+44 7700 900100", "number"),
            ("8986 0012 3456 7890 1238", "iccid"),
            ("８９８６００１２３", "iccid"),
            ("李", "name"),
            ("Ana García", "name"),
            ("ana", "name"),
        ] {
            assert_eq!(needle(text).kind(), kind, "{text}");
        }
    }

    #[test]
    fn brings_it_into_the_form_of_the_database() {
        assert_eq!(needle(" LI.wei@Demo.example ").email, some("li.wei@demo.example"));
        assert_eq!(needle("r7k2m–9qxa").order, some("R-7K2M-9QXA"));
        assert_eq!(needle("x9vm gmaw").order, some("R-X9VM-GMAW"));
        assert_eq!(needle("07700 900 100").ending, some("7700900100"));
        assert_eq!(needle("0100").ending, some("0100"));
        assert_eq!(needle("8986 0012 3456 7890 123F").iccid, some("8986001234567890123"));
        assert_eq!((needle("ana").name, needle("ana").email), (some("ana"), some("ana")));
        assert_eq!(needle("Ana García").email, None);
    }

    #[test]
    fn too_little_is_nothing() {
        for text in ["", "  ", "12", "+1"] {
            assert_eq!(Needle::of(text), None, "{text:?}");
        }
        assert_eq!(Needle::of(&"x".repeat(101)), None);
    }
}
