//! An address as typed, and the form its uniqueness is judged by.
use unicode_normalization::UnicodeNormalization;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    pub shown: String,
    pub key: String,
}

impl EmailAddress {
    pub fn parse(text: &str) -> Option<Self> {
        let shown: String = text.trim().nfkc().collect();
        let (local, domain) = shown.rsplit_once('@')?;
        let fits = shown.len() <= 254 && (1..=64).contains(&local.len());
        let plain =
            |c: char| !c.is_control() && !c.is_whitespace() && !"\"(),:;<>[]\\@".contains(c) && !is_invisible(c);
        if !fits || !local.chars().all(plain) || !is_host(domain) {
            return None;
        }
        let key = key(&shown);
        Some(Self { shown, key })
    }
}

/// What is looked up, for anything that was typed.
pub fn key(text: &str) -> String {
    text.trim().nfkc().collect::<String>().to_lowercase()
}

fn is_host(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c == '-' || c.is_alphanumeric())
    };
    domain.contains('.') && domain.split('.').all(label)
}

// Zero-width and direction marks make two addresses that look alike.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_has_one_key() {
        for typed in ["Ana@Demo.example", " ana@demo.example ", "ａｎａ@demo.example", "ANA@DEMO.EXAMPLE"] {
            assert_eq!(EmailAddress::parse(typed).unwrap().key, "ana@demo.example", "{typed}");
        }
    }

    #[test]
    fn what_is_not_an_address() {
        for typed in [
            "",
            "ana",
            "@demo.example",
            "ana@",
            "ana@demo",
            "a b@demo.example",
            "ana@demo..example",
            "ana@-demo.example",
            "ana\r\nBcc: x@y.example",
            "ana\0@demo.example",
            "a@b@demo.example",
            "an\u{200b}a@demo.example",
            "ana@demo.example\u{202e}",
            "<ana@demo.example>",
            "ana,bo@demo.example",
        ] {
            assert_eq!(EmailAddress::parse(typed), None, "{typed:?}");
        }
        assert_eq!(EmailAddress::parse(&format!("{}@demo.example", "a".repeat(65))), None);
    }
}
