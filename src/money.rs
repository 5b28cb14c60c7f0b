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
        Ok(Money::new(
            decimal::parse(text, currency.exponent())?,
            currency,
        ))
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

    #[expect(
        clippy::should_implement_trait,
        reason = "an operator could not refuse"
    )]
    pub fn add(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        self.with(self.minor.checked_add(other.minor))
    }

    #[expect(
        clippy::should_implement_trait,
        reason = "an operator could not refuse"
    )]
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

    /// The amount times `numerator / denominator`, rounded up to a minor unit.
    pub fn fraction_up(self, numerator: u32, denominator: u32) -> Result<Money, MoneyError> {
        let product = i128::from(self.minor) * i128::from(numerator);
        let parts = i128::from(denominator);
        let floor = product
            .checked_div_euclid(parts)
            .ok_or(MoneyError::OutOfRange)?;
        let rounded = floor + i128::from(floor * parts != product);
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
        minor
            .map(|minor| Money::new(minor, self.currency))
            .ok_or(MoneyError::OutOfRange)
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
mod tests {
    use super::Currency::*;
    use super::*;
    use proptest::prelude::*;

    fn currencies() -> impl Strategy<Value = Currency> {
        proptest::sample::select(&Currency::ALL[..])
    }

    #[test]
    fn formats_for_pages_without_doubt_about_the_currency() {
        for (minor, currency, page, plain) in [
            (10_500, Cny, "¥105.00", "105.00"),
            (5_000, Hkd, "HK$50.00", "50.00"),
            (990, Usd, "US$9.90", "9.90"),
            (-990, Usd, "-US$9.90", "-9.90"),
            (1_900, Eur, "€19.00", "19.00"),
            (5, Gbp, "£0.05", "0.05"),
            (3_900, Jpy, "JP¥3,900", "3900"),
            (123_456_789, Sgd, "S$1,234,567.89", "1234567.89"),
            (4_500, Kwd, "KD\u{a0}4.500", "4.500"),
            (100_000, Jpy, "JP¥100,000", "100000"),
            (0, Jpy, "JP¥0", "0"),
        ] {
            let money = Money::new(minor, currency);
            assert_eq!(money.to_string(), page);
            assert_eq!(money.amount(), plain);
        }
    }

    #[test]
    fn reads_exactly_or_refuses() {
        assert_eq!(Money::parse("4.500", Kwd), Ok(Money::new(4_500, Kwd)));
        assert_eq!(Money::parse("3900", Jpy), Ok(Money::new(3_900, Jpy)));
        for (text, currency) in [("9.900", Usd), ("3900.0", Jpy), ("-1", Usd), ("", Usd)] {
            assert!(Money::parse(text, currency).is_err(), "{text:?} {currency}");
        }
        assert_eq!(Money::parse_signed("-9.90", Usd), Ok(Money::new(-990, Usd)));
        assert!(Money::parse_signed("--9.90", Usd).is_err());
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let most = Money::new(i64::MAX, Usd);
        let one = Money::new(1, Usd);
        assert_eq!(most.add(one), Err(MoneyError::OutOfRange));
        assert_eq!(most.times(2), Err(MoneyError::OutOfRange));
        assert_eq!(most.percent(101), Err(MoneyError::OutOfRange));
        assert_eq!(one.fraction_up(1, 0), Err(MoneyError::OutOfRange));
        assert_eq!(
            Money::new(i64::MIN, Usd).sub(one),
            Err(MoneyError::OutOfRange)
        );
        assert_eq!(
            one.add(Money::new(1, Hkd)),
            Err(MoneyError::CurrencyMismatch(Usd, Hkd))
        );
    }

    #[test]
    fn rounds_percents_half_away_from_zero_and_fractions_up() {
        for (minor, percent, expected) in [(50, 1, 1), (49, 1, 0), (-50, 1, -1), (999, 15, 150)] {
            let money = Money::new(minor, Cny).percent(percent);
            assert_eq!(money, Ok(Money::new(expected, Cny)));
        }
        for (minor, up, down, expected) in [(10, 1, 3, 4), (9, 1, 3, 3), (-10, 1, 3, -3)] {
            let money = Money::new(minor, Cny).fraction_up(up, down);
            assert_eq!(money, Ok(Money::new(expected, Cny)));
        }
    }

    #[test]
    fn knows_only_its_own_currencies() {
        for currency in Currency::ALL {
            assert_eq!(
                Currency::parse(&currency.code().to_lowercase()),
                Ok(currency)
            );
            let json = serde_json::to_string(&currency).unwrap();
            assert_eq!(json, format!("{:?}", currency.code()));
        }
        assert!(Currency::parse("ISK").is_err());
        assert!(Currency::parse("").is_err());
    }

    #[test]
    fn no_two_currencies_look_alike() {
        let symbols: std::collections::HashSet<_> = Currency::ALL.map(Currency::symbol).into();
        assert_eq!(symbols.len(), Currency::ALL.len());
    }

    proptest! {
        #[test]
        fn reads_back_what_it_writes(minor in -i64::MAX..=i64::MAX, currency in currencies()) {
            let money = Money::new(minor, currency);
            prop_assert_eq!(Money::parse_signed(&money.amount(), currency), Ok(money));
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
            let page = money.to_string().replace(currency.symbol(), "").replace(',', "");
            prop_assert_eq!(page, money.amount());
        }

        #[test]
        fn taking_back_what_was_added_changes_nothing(a: i64, b: i64, currency in currencies()) {
            let (a, b) = (Money::new(a, currency), Money::new(b, currency));
            match a.add(b) {
                Ok(sum) => prop_assert_eq!(sum.sub(b), Ok(a)),
                Err(error) => prop_assert_eq!(error, MoneyError::OutOfRange),
            }
        }

        #[test]
        fn a_percentage_and_its_rest_are_the_whole(minor: i32, percent in 0u32..=100) {
            let whole = Money::new(i64::from(minor), Cny);
            let part = whole.percent(percent).unwrap();
            let off = (part.minor * 100 - whole.minor * i64::from(percent)).abs();
            prop_assert!(off <= 50, "{off} hundredths off");
        }
    }
}
