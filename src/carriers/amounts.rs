//! What carriers ask, as decimal JSON numbers.

use serde_json::Number;

use super::CarrierError;
use crate::decimal;
use crate::money::{Currency, Money};

/// What the operator pays, rounded up to a whole minor unit; `None` in a currency that nothing is sold in here.
pub fn cost(amount: &Number, currency: &str) -> Result<Option<Money>, CarrierError> {
    rounded(amount, currency, i64::from)
}

/// What the operator has left, rounded down.
pub fn credit(amount: &Number, currency: &str) -> Result<Option<Money>, CarrierError> {
    let text = amount.to_string();
    match text.strip_prefix('-') {
        Some(_) => Ok(Currency::parse(currency).ok().map(Money::zero)),
        None => rounded(amount, currency, |_| 0),
    }
}

/// A number that counts something, without the part behind the point.
pub fn whole(number: &Number) -> Option<i64> {
    let text = number.to_string();
    decimal::parse(text.split('.').next().unwrap_or_default(), 0).ok()
}

fn rounded(amount: &Number, currency: &str, up: fn(bool) -> i64) -> Result<Option<Money>, CarrierError> {
    let Ok(currency) = Currency::parse(currency) else { return Ok(None) };
    let text = amount.to_string();
    let odd = || CarrierError::unknown(format!("an amount that can't be read: {text}"));
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (kept, rest) = fraction.split_at(fraction.len().min(currency.exponent() as usize));
    let kept = if kept.is_empty() { whole.to_owned() } else { format!("{whole}.{kept}") };
    if !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(odd());
    }
    let minor = decimal::parse(&kept, currency.exponent()).map_err(|_| odd())?;
    let minor = minor.checked_add(up(rest.bytes().any(|byte| byte != b'0'))).ok_or_else(odd)?;
    Ok(Some(Money::new(minor, currency)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn costs_are_rounded_up_and_credit_down() {
        for (text, up, down) in [("0.79", 79, 79), ("4.5", 450, 450), ("12", 1_200, 1_200), ("0.798", 80, 79)] {
            assert_eq!(cost(&number(text), "usd"), Ok(Some(Money::new(up, Currency::Usd))), "{text}");
            assert_eq!(credit(&number(text), "USD"), Ok(Some(Money::new(down, Currency::Usd))), "{text}");
        }
        assert_eq!(cost(&number("120.5"), "JPY"), Ok(Some(Money::new(121, Currency::Jpy))));
        assert_eq!(credit(&number("-3.2"), "USD"), Ok(Some(Money::zero(Currency::Usd))));
        assert_eq!(cost(&number("1.5"), "XAU"), Ok(None), "not a currency that is sold in here");
    }

    #[test]
    fn what_is_no_amount_is_not_guessed() {
        for text in ["-1", "1e30", "1e-9", "99999999999999999999"] {
            assert!(cost(&number(text), "USD").is_err(), "{text}");
        }
        assert_eq!(
            [whole(&number("90.00")), whole(&number("1000000000")), whole(&number("-1"))],
            [Some(90), Some(1_000_000_000), None]
        );
    }
}
