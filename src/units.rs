//! Amounts of data. A GB is 1,000,000,000 bytes, as carriers print and bill it; the binary GiB
//! appears nowhere.

use serde::{Deserialize, Serialize};

use crate::decimal::{self, DecimalError};

pub const GB: i64 = 1_000_000_000;
pub const MB: i64 = 1_000_000;
pub const KB: i64 = 1_000;

/// Data a plan gives or a line has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Data {
    Unlimited,
    Bytes(i64),
    /// The plan gives none, or what is left on the line is not known.
    #[default]
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    #[error("has no unit; write it as 10 GB or 500 MB")]
    Unit,
    #[error(transparent)]
    Decimal(#[from] DecimalError),
}

impl Data {
    /// Reads `10.89 GB`, `500MB`, `unlimited`, and nothing at all.
    pub fn parse(text: &str) -> Result<Data, DataError> {
        let text = text.trim().to_ascii_uppercase();
        if text.is_empty() {
            return Ok(Data::None);
        }
        if text == "UNLIMITED" {
            return Ok(Data::Unlimited);
        }
        let (number, places) = [("TB", 12), ("GB", 9), ("MB", 6), ("KB", 3)]
            .into_iter()
            .find_map(|(unit, places)| Some((text.strip_suffix(unit)?, places)))
            .ok_or(DataError::Unit)?;
        Ok(Data::Bytes(decimal::parse(number.trim_end(), places)?))
    }

    /// From a row that keeps the two apart.
    pub fn stored(unlimited: bool, bytes: Option<i64>) -> Data {
        match bytes {
            _ if unlimited => Data::Unlimited,
            Some(bytes) => Data::Bytes(bytes),
            None => Data::None,
        }
    }

    pub fn is_unlimited(self) -> bool {
        self == Data::Unlimited
    }

    pub fn bytes(self) -> Option<i64> {
        match self {
            Data::Bytes(bytes) => Some(bytes),
            Data::Unlimited | Data::None => None,
        }
    }
}

/// `1.8 GB`, `512 MB`: at most two decimals, cut and not rounded, so nothing looks like more than
/// it is.
pub fn format_bytes(bytes: i64) -> String {
    let bytes = bytes.max(0);
    let (unit, name) = match bytes {
        0 | GB.. => (GB, "GB"),
        MB.. => (MB, "MB"),
        KB.. => (KB, "KB"),
        _ => return format!("{bytes} B"),
    };
    let hundredths = bytes / (unit / 100).max(1);
    let number = decimal::write(hundredths, 2);
    let number = number.trim_end_matches('0').trim_end_matches('.');
    format!("{number} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_operators_write() {
        for (text, expected) in [
            ("10.89 GB", Ok(Data::Bytes(10_890_000_000))),
            ("500MB", Ok(Data::Bytes(500 * MB))),
            (" 1 gb ", Ok(Data::Bytes(GB))),
            ("0 GB", Ok(Data::Bytes(0))),
            ("1.5 TB", Ok(Data::Bytes(1_500 * GB))),
            ("Unlimited", Ok(Data::Unlimited)),
            ("", Ok(Data::None)),
            ("12", Err(DataError::Unit)),
            ("12 GiB", Err(DataError::Unit)),
            ("-1 GB", Err(DecimalError::NotANumber.into())),
            ("GB", Err(DecimalError::NotANumber.into())),
            ("0.0000000001 GB", Err(DecimalError::TooManyDecimals(9).into())),
            ("99999999999 GB", Err(DecimalError::TooLarge.into())),
        ] {
            assert_eq!(Data::parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn never_shows_more_than_there_is() {
        for (bytes, text) in [
            (0, "0 GB"),
            (-1, "0 GB"),
            (999, "999 B"),
            (999_999, "999.99 KB"),
            (512 * MB, "512 MB"),
            (999_999_999, "999.99 MB"),
            (GB, "1 GB"),
            (1_800_000_000, "1.8 GB"),
            (1_899_999_999, "1.89 GB"),
            (10_890_000_000, "10.89 GB"),
            (100 * GB, "100 GB"),
            (1_200 * GB, "1200 GB"),
        ] {
            assert_eq!(format_bytes(bytes), text);
        }
    }

    proptest! {
        #[test]
        fn a_shown_amount_is_at_most_a_hundredth_short(bytes in KB..i64::MAX) {
            let shown = Data::parse(&format_bytes(bytes)).unwrap().bytes().unwrap();
            prop_assert!(shown <= bytes && bytes - shown < bytes / 100 + 1);
        }
    }
}
