//! Plain decimal text to whole numbers of the smallest unit and back, without a float in between.

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    #[error("is not a plain number such as 12.50")]
    NotANumber,
    #[error("has more than {0} decimals")]
    TooManyDecimals(u32),
    #[error("is too large")]
    TooLarge,
}

/// `("4.5", 3)` is 4500. Digits with at most one point between them; no sign, blank or grouping.
pub fn parse(text: &str, places: u32) -> Result<i64, DecimalError> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
        Some(_) => return Err(DecimalError::NotANumber),
        None => (text, ""),
    };
    if !is_digits(whole) {
        return Err(DecimalError::NotANumber);
    }
    let missing = (places as usize).checked_sub(fraction.len()).ok_or(DecimalError::TooManyDecimals(places))?;
    format!("{whole}{fraction}{}", "0".repeat(missing)).parse().map_err(|_| DecimalError::TooLarge)
}

/// `(4500, 3)` is `"4.500"`: every decimal is written.
pub fn write(value: i64, places: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let width = places as usize + 1;
    let digits = format!("{:0width$}", value.unsigned_abs());
    let (whole, fraction) = digits.split_at(digits.len() - places as usize);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_only_plain_numbers() {
        use DecimalError::*;
        for (text, places, expected) in [
            ("4.500", 3, Ok(4500)),
            ("4.5", 3, Ok(4500)),
            ("39", 2, Ok(3900)),
            ("0.01", 2, Ok(1)),
            ("3900", 0, Ok(3900)),
            ("3900.0", 0, Err(TooManyDecimals(0))),
            ("4.5000", 3, Err(TooManyDecimals(3))),
            ("92233720368547758.07", 2, Ok(i64::MAX)),
            ("92233720368547758.08", 2, Err(TooLarge)),
            ("", 2, Err(NotANumber)),
            (".5", 2, Err(NotANumber)),
            ("5.", 2, Err(NotANumber)),
            ("-5", 2, Err(NotANumber)),
            ("+5", 2, Err(NotANumber)),
            ("1,000", 2, Err(NotANumber)),
            ("1.0.0", 2, Err(NotANumber)),
            (" 1", 2, Err(NotANumber)),
            ("1e3", 2, Err(NotANumber)),
            ("１２", 2, Err(NotANumber)),
        ] {
            assert_eq!(parse(text, places), expected, "{text:?}");
        }
    }

    #[test]
    fn writes_every_decimal() {
        assert_eq!(write(5, 3), "0.005");
        assert_eq!(write(-50, 2), "-0.50");
        assert_eq!(write(3900, 0), "3900");
        assert_eq!(write(i64::MIN, 2), "-92233720368547758.08");
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(value in 0..=i64::MAX, places in 0u32..10) {
            prop_assert_eq!(parse(&write(value, places), places), Ok(value));
        }
    }
}
