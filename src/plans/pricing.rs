//! What a plan has to cost the customer for what it costs the operator.

use crate::money::{Currency, Money};

/// How an operator prices a carrier's offers. All whole numbers: a rate in millionths, shares in hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricingRule {
    /// Whole units of the price's currency for a million whole units of the cost's.
    pub rate_millionths: i64,
    /// Added to the cost: 3000 is 30 %.
    pub markup_bp: u32,
    /// Prices are multiples of this many minor units, rounded up ...
    pub step_minor: i64,
    /// ... and this much below it: a step of 100 and 1 less end in .99.
    pub less_minor: i64,
    /// Of the price, what has to be left after the cost: below it nothing is sold.
    pub minimum_margin_bp: u32,
}

const WHOLE_BP: i128 = 10_000;
const MILLION: i128 = 1_000_000;

impl PricingRule {
    /// The cost in the price's currency, rounded up. `None`: out of range.
    pub fn converted(&self, cost: Money, currency: Currency) -> Option<Money> {
        if cost.currency == currency {
            return Some(cost);
        }
        let up = 10_i128.pow(currency.exponent());
        let down = 10_i128.pow(cost.currency.exponent()) * MILLION;
        let exact = i128::from(cost.minor) * i128::from(self.rate_millionths) * up;
        Some(Money::new(i64::try_from(divided_up(exact, down)).ok()?, currency))
    }

    /// What to ask for an offer of this cost.
    pub fn price(&self, cost: Money, currency: Currency) -> Option<Money> {
        let cost = self.converted(cost, currency)?;
        let marked_up = divided_up(i128::from(cost.minor) * (WHOLE_BP + i128::from(self.markup_bp)), WHOLE_BP);
        let step = i128::from(self.step_minor.max(1));
        let stepped = divided_up(marked_up + i128::from(self.less_minor), step) * step - i128::from(self.less_minor);
        Some(Money::new(i64::try_from(stepped.max(1)).ok()?, currency))
    }

    /// Whether selling at this price leaves what the operator wants to keep.
    pub fn is_worth_it(&self, cost: Money, price: Money) -> bool {
        self.converted(cost, price.currency).is_some_and(|cost| {
            let left = i128::from(price.minor) - i128::from(cost.minor);
            left * WHOLE_BP >= i128::from(price.minor) * i128::from(self.minimum_margin_bp)
        })
    }
}

fn divided_up(amount: i128, by: i128) -> i128 {
    amount.div_euclid(by) + i128::from(amount.rem_euclid(by) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(rate_millionths: i64, markup_bp: u32, step_minor: i64, less_minor: i64) -> PricingRule {
        PricingRule { rate_millionths, markup_bp, step_minor, less_minor, minimum_margin_bp: 1_000 }
    }

    #[test]
    fn a_cost_in_dollars_becomes_a_price_in_yuan() {
        let seven_twenty = rule(7_200_000, 3_000, 100, 1);
        // US$4.50 are ¥32.40, with 30 % ¥42.12, up to ¥42.99.
        let cost = Money::new(450, Currency::Usd);
        assert_eq!(seven_twenty.converted(cost, Currency::Cny), Some(Money::new(3_240, Currency::Cny)));
        assert_eq!(seven_twenty.price(cost, Currency::Cny), Some(Money::new(4_299, Currency::Cny)));
    }

    #[test]
    fn currencies_have_their_own_decimals() {
        let yen = rule(150_000_000, 0, 1, 0);
        assert_eq!(yen.converted(Money::new(1, Currency::Usd), Currency::Jpy), Some(Money::new(2, Currency::Jpy)));
        let dinar = rule(307_000, 0, 1, 0);
        assert_eq!(
            dinar.converted(Money::new(1_000, Currency::Usd), Currency::Kwd),
            Some(Money::new(3_070, Currency::Kwd))
        );
        assert_eq!(dinar.converted(Money::new(i64::MAX, Currency::Jpy), Currency::Kwd), None);
    }

    #[test]
    fn the_margin_is_a_share_of_the_price() {
        let tenth = rule(1_000_000, 0, 1, 0);
        let price = Money::new(1_000, Currency::Cny);
        assert!(tenth.is_worth_it(Money::new(900, Currency::Cny), price));
        assert!(!tenth.is_worth_it(Money::new(901, Currency::Cny), price));
    }

    proptest! {
        #[test]
        fn a_price_covers_cost_and_markup_within_a_step(cost in 1i64..10_000_000, markup in 0u32..20_000, step in 1i64..1_000, less in 0i64..100) {
            let rule = rule(1_000_000, markup, step, less.min(step - 1));
            let price = rule.price(Money::new(cost, Currency::Cny), Currency::Cny).unwrap().minor;
            let wanted = divided_up(i128::from(cost) * (WHOLE_BP + i128::from(markup)), WHOLE_BP);
            prop_assert!(i128::from(price) >= wanted && i128::from(price) < wanted + i128::from(step));
            prop_assert_eq!((price + rule.less_minor) % step, 0);
        }
    }
}
