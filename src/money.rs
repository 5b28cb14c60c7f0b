//! Amounts as whole minor units of a known currency; every sum is checked, none is a float.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::decimal::{self, DecimalError};

/// The currencies the portal sells in. Anything else is refused rather than guessed at, because a
/// wrong exponent charges a tenth or a hundredfold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    Cny,
    Hkd,
    Usd,
    Eur,
    Gbp,
    Jpy,
    Sgd,
    Kwd,
}

impl Currency {
    pub const ALL: [Currency; 8] = [
        Currency::Cny,
        Currency::Hkd,
        Currency::Usd,
        Currency::Eur,
        Currency::Gbp,
        Currency::Jpy,
        Currency::Sgd,
        Currency::Kwd,
    ];

    pub fn code(self) -> &'static str {
        self.facts().0
    }

    /// Decimals of the major unit (ISO 4217).
    pub fn exponent(self) -> u32 {
        self.facts().1
    }

    /// What stands before an amount; no two currencies share one.
    pub fn symbol(self) -> &'static str {
        self.facts().2
    }

    /// Reads the three letters in either case.
    pub fn parse(code: &str) -> Result<Currency, MoneyError> {
        Currency::ALL
            .into_iter()
            .find(|currency| currency.code().eq_ignore_ascii_case(code))
            .ok_or(MoneyError::UnknownCurrency)
    }

    fn facts(self) -> (&'static str, u32, &'static str) {
        match self {
            Currency::Cny => ("CNY", 2, "¥"),
            Currency::Hkd => ("HKD", 2, "HK$"),
            Currency::Usd => ("USD", 2, "US$"),
            Currency::Eur => ("EUR", 2, "€"),
            Currency::Gbp => ("GBP", 2, "£"),
            Currency::Jpy => ("JPY", 0, "JP¥"),
            Currency::Sgd => ("SGD", 2, "S$"),
            // A no-break space, so the letters never part from their number.
            Currency::Kwd => ("KWD", 3, "KD\u{a0}"),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Currency::parse(code)
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(code: String) -> Result<Self, MoneyError> {
        Currency::parse(&code)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("is not a currency sold here")]
    UnknownCurrency,
    #[error("amounts of {0} and {1} do not mix")]
    CurrencyMismatch(Currency, Currency),
    #[error("the amount is out of range")]
    OutOfRange,
    #[error(transparent)]
    Decimal(#[from] DecimalError),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Money {
        Money { minor, currency }
    }

    pub fn zero(currency: Currency) -> Money {
        Money::new(0, currency)
    }

    /// Reads `"4.500"` exactly; a sign or more decimals than the currency has is refused.
    pub fn parse(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        Ok(Money::new(decimal::parse(text, currency.exponent())?, currency))
    }

    /// As [`Money::parse`], with a leading minus allowed.
    pub fn parse_signed(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        match text.strip_prefix('-') {
            Some(rest) => Money::zero(currency).sub(Money::parse(rest, currency)?),
            None => Money::parse(text, currency),
        }
    }

    pub fn is_positive(self) -> bool {
        self.minor > 0
    }

    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    #[expect(clippy::should_implement_trait, reason = "an operator could not refuse")]
    pub fn add(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        self.with(self.minor.checked_add(other.minor))
    }

    #[expect(clippy::should_implement_trait, reason = "an operator could not refuse")]
    pub fn sub(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        self.with(self.minor.checked_sub(other.minor))
    }

    pub fn times(self, count: i64) -> Result<Money, MoneyError> {
        self.with(self.minor.checked_mul(count))
    }

    /// So many hundredths of the amount; half a minor unit rounds away from zero.
    pub fn percent(self, percent: u32) -> Result<Money, MoneyError> {
        let doubled = i128::from(self.minor) * i128::from(percent) * 2;
        let rounded = (doubled + 100 * doubled.signum()) / 200;
        self.with(i64::try_from(rounded).ok())
    }

    /// The amount times `numerator / denominator`, half a minor unit rounds up.
    pub fn fraction(self, numerator: u32, denominator: u32) -> Result<Money, MoneyError> {
        let product = i128::from(self.minor) * i128::from(numerator);
        let parts = i128::from(denominator);
        let rounded = (product * 2 + parts).checked_div_euclid(parts * 2).ok_or(MoneyError::OutOfRange)?;
        self.with(i64::try_from(rounded).ok())
    }

    pub fn same_currency(self, other: Money) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch(self.currency, other.currency))
        }
    }

    /// The plain number with all decimals, as files and gateways want it: `105.00`, `3900`, `4.500`.
    pub fn amount(self) -> String {
        decimal::write(self.minor, self.currency.exponent())
    }

    fn with(self, minor: Option<i64>) -> Result<Money, MoneyError> {
        minor.map(|minor| Money::new(minor, self.currency)).ok_or(MoneyError::OutOfRange)
    }
}

/// For pages, the same in every language: `¥1,105.00`, `-US$9.90`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.amount();
        let (sign, amount) = match amount.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", amount.as_str()),
        };
        let whole = amount.find('.').unwrap_or(amount.len());
        write!(f, "{sign}{}", self.currency.symbol())?;
        for (at, digit) in amount.char_indices() {
            if at > 0 && at < whole && (whole - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
