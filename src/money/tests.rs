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
    assert_eq!(one.fraction(1, 0), Err(MoneyError::OutOfRange));
    assert_eq!(Money::new(i64::MIN, Usd).sub(one), Err(MoneyError::OutOfRange));
    assert_eq!(one.add(Money::new(1, Hkd)), Err(MoneyError::CurrencyMismatch(Usd, Hkd)));
}

#[test]
fn rounds_percents_half_away_from_zero_and_fractions_half_up() {
    for (minor, percent, expected) in [(50, 1, 1), (49, 1, 0), (-50, 1, -1), (999, 15, 150)] {
        let money = Money::new(minor, Cny).percent(percent);
        assert_eq!(money, Ok(Money::new(expected, Cny)));
    }
    for (minor, up, down, expected) in
        [(10, 1, 3, 3), (11, 1, 3, 4), (1, 1, 2, 1), (9, 1, 3, 3), (-10, 1, 3, -3), (-1, 1, 2, 0)]
    {
        let money = Money::new(minor, Cny).fraction(up, down);
        assert_eq!(money, Ok(Money::new(expected, Cny)));
    }
}

#[test]
fn knows_only_its_own_currencies() {
    for currency in Currency::ALL {
        assert_eq!(Currency::parse(&currency.code().to_lowercase()), Ok(currency));
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
