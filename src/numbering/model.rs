use serde::Serialize;
use time::OffsetDateTime;

use crate::numbers::{NumberError, digits};

/// What a range is a range of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Iccid,
    Msisdn,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Iccid, Self::Msisdn];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Iccid => "iccid",
            Self::Msisdn => "msisdn",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// How an ICCID or a number begins: digits alone, without the `+` of a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Prefix(String);

impl Prefix {
    /// As people write it: with blanks, `+86 138` or `0086 138`. A trailing `F` is no part of a beginning.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, NumberError> {
        let digits = match kind {
            Kind::Iccid => digits(text)?,
            Kind::Msisdn => abroad(digits(text.trim().trim_start_matches(['+', '＋']))?)?,
        };
        let (shortest, longest, expected) = match kind {
            Kind::Iccid => (2, 20, "2 to 20"),
            Kind::Msisdn => (1, 15, "1 to 15"),
        };
        match digits.len() {
            length if !(shortest..=longest).contains(&length) => Err(NumberError::Length(length, expected)),
            // ITU-T E.118: 89 is telecommunications.
            _ if kind == Kind::Iccid && !digits.starts_with("89") => Err(NumberError::CheckDigits),
            _ => Ok(Self(digits)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `0086` dials what `+86` writes; a number that begins with one nought is one at home, of no country we could know.
fn abroad(digits: String) -> Result<String, NumberError> {
    match digits.strip_prefix("00") {
        Some(rest) if !rest.starts_with('0') => Ok(rest.to_owned()),
        None if !digits.starts_with('0') => Ok(digits),
        _ => Err(NumberError::NoCountryCode),
    }
}

/// A row of `number_ranges`.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Range {
    pub id: i64,
    /// `iccid` or `msisdn`.
    pub kind: String,
    pub prefix: String,
    pub carrier: String,
    /// `fm_card` or `esim`; both where nothing is said.
    pub line_kind: Option<String>,
    pub plan: Option<String>,
    pub note: String,
    pub created_at: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_read_as_people_write_it() {
        for (kind, text, digits) in [
            (Kind::Iccid, "898600", "898600"),
            (Kind::Iccid, " 8985 212 ", "8985212"),
            (Kind::Iccid, "８９８６", "8986"),
            (Kind::Iccid, "8900", "8900"),
            (Kind::Msisdn, "+86 138", "86138"),
            (Kind::Msisdn, "＋86", "86"),
            (Kind::Msisdn, "0086138", "86138"),
            (Kind::Msisdn, "1", "1"),
        ] {
            assert_eq!(Prefix::parse(kind, text).unwrap().as_str(), digits, "{text}");
        }
    }

    #[test]
    fn what_is_no_beginning_is_refused() {
        for (kind, text) in [
            (Kind::Iccid, ""),
            (Kind::Iccid, "8"),
            (Kind::Iccid, "0012"),
            (Kind::Iccid, "898600F"),
            (Kind::Iccid, "8986*"),
            (Kind::Iccid, "8.986E+11"),
            (Kind::Iccid, "898600123456789012345"),
            (Kind::Msisdn, ""),
            (Kind::Msisdn, "+"),
            (Kind::Msisdn, "0138"),
            (Kind::Msisdn, "000"),
            (Kind::Msisdn, "00"),
            (Kind::Msisdn, "1380013800013800"),
        ] {
            assert!(Prefix::parse(kind, text).is_err(), "{text}");
        }
    }
}
