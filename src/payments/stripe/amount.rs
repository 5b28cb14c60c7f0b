//! Amounts as Stripe writes them. A currency gets its line here before it is ever charged.

use crate::money::{Currency, Money};

/// The least step of an amount in this currency, in our minor units; Stripe's own are the same for all of these.
fn step(currency: Currency) -> i64 {
    match currency {
        // Without decimals: 3900 is ¥3,900.
        Currency::Jpy => 1,
        Currency::Cny | Currency::Hkd | Currency::Usd | Currency::Eur | Currency::Gbp | Currency::Sgd => 1,
        // In thousandths, of which cards know only every tenth.
        Currency::Kwd => 10,
    }
}

/// `Err`: Stripe can't move this amount.
pub fn to_stripe(money: Money) -> Result<i64, String> {
    match money.minor > 0 && money.minor % step(money.currency) == 0 {
        true => Ok(money.minor),
        false => Err(format!("{money} can't be moved by card")),
    }
}

/// `None`: not a currency sold here, or not an amount that came.
pub fn from_stripe(minor: i64, currency: &str) -> Option<Money> {
    let currency = Currency::parse(currency).ok()?;
    (minor >= 0).then_some(Money::new(minor, currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_currency_is_sent_in_its_own_minor_units() {
        for (text, currency, sent) in [
            ("15.00", Currency::Cny, 1_500),
            ("3900", Currency::Jpy, 3_900),
            ("4.500", Currency::Kwd, 4_500),
            ("9.90", Currency::Usd, 990),
        ] {
            let money = Money::parse(text, currency).unwrap();
            assert_eq!(to_stripe(money), Ok(sent));
            assert_eq!(from_stripe(sent, &currency.code().to_lowercase()), Some(money));
        }
    }

    #[test]
    fn thousandths_end_in_nought_and_nothing_is_no_amount() {
        assert!(to_stripe(Money::new(4_505, Currency::Kwd)).is_err());
        assert!(to_stripe(Money::new(0, Currency::Usd)).is_err());
        assert_eq!(from_stripe(100, "isk"), None);
        assert_eq!(from_stripe(-1, "usd"), None);
    }
}
