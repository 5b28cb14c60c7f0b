//! What the demo's operator sells: six carriers, every renewal effect, six currencies.

use crate::imports::bulk::PlanRow;
use crate::units::GB;

const UNLIMITED: i64 = -1;

/// Code, carrier, kinds, names, term, data in GB, minutes, texts, coverage, price, currency, effect.
type Entry = (
    &'static str,
    &'static str,
    &'static str,
    (&'static str, &'static str),
    (&'static str, i32),
    i64,
    (i32, i32),
    &'static str,
    (i64, &'static str),
    &'static str,
);

#[rustfmt::skip]
const PLANS: [Entry; 18] = [
    ("ML-M12", "cmcc", "fm_card", ("月行12G", "Monthly 12 GB"), ("month", 1), 12, (180, 60), "CN", (4_200, "CNY"), "queue"),
    ("ML-Q36", "cmcc", "fm_card", ("季行36G", "Quarterly 36 GB"), ("month", 3), 36, (540, 180), "CN", (11_400, "CNY"), "queue"),
    ("ML-Y150", "cmcc", "fm_card", ("年行150G", "Yearly 150 GB"), ("month", 12), 150, (2_200, 600), "CN", (41_900, "CNY"), "queue"),
    ("LT-M25", "cucc", "fm_card;esim", ("灵动25G", "Nimble 25 GB"), ("month", 1), 25, (120, 0), "CN", (5_200, "CNY"), "stack"),
    ("LT-M70", "cucc", "fm_card;esim", ("灵动70G", "Nimble 70 GB"), ("month", 1), 70, (320, 80), "CN", (9_500, "CNY"), "stack"),
    ("LT-Y280", "cucc", "esim", ("灵动年包280G", "Nimble yearly 280 GB"), ("month", 12), 280, (1_300, 0), "CN", (49_800, "CNY"), "stack"),
    ("TX-28D", "ctcc", "esim", ("四周18G", "28 days 18 GB"), ("day", 28), 18, (0, 0), "CN", (3_800, "CNY"), "replace"),
    ("TX-84D", "ctcc", "esim", ("十二周60G", "84 days 60 GB"), ("day", 84), 60, (0, 0), "CN", (10_200, "CNY"), "replace"),
    ("SV-60", "cmhk", "fm_card", ("储值60元", "Stored value 60"), ("day", 180), 0, (0, 0), "HK", (6_000, "HKD"), "max"),
    ("SV-120", "cmhk", "fm_card", ("储值120元", "Stored value 120"), ("day", 365), 0, (0, 0), "HK", (12_000, "HKD"), "max"),
    ("SV-240", "cmhk", "fm_card", ("储值240元", "Stored value 240"), ("day", 365), 0, (0, 0), "HK;MO", (24_000, "HKD"), "max"),
    ("RM-SEA10", "roamia", "esim", ("东南亚10天4G", "South-East Asia 10 days 4 GB"), ("day", 10), 4, (0, 0), "TH;VN;MY;SG;ID;PH", (1_190, "USD"), "stack"),
    ("RM-SEA30", "roamia", "esim", ("东南亚30天12G", "South-East Asia 30 days 12 GB"), ("day", 30), 12, (0, 0), "TH;VN;MY;SG;ID;PH", (2_690, "USD"), "stack"),
    ("RM-JP15", "roamia", "esim", ("日本15天不限量", "Japan 15 days unlimited"), ("day", 15), UNLIMITED, (0, 0), "JP", (2_800, "JPY"), "restart"),
    ("GL-EU30", "globix", "esim", ("欧洲30天15G", "Europe 30 days 15 GB"), ("day", 30), 15, (120, 0), "DE;FR;IT;ES;NL;AT;CH;GB", (2_100, "EUR"), "roll"),
    ("GL-W30", "globix", "fm_card;esim", ("全球30天6G", "World 30 days 6 GB"), ("day", 30), 6, (60, 30), "*", (3_400, "USD"), "roll"),
    ("GL-W365", "globix", "fm_card;esim", ("全球年包72G", "World yearly 72 GB"), ("month", 12), 72, (720, 300), "*", (31_900, "USD"), "roll"),
    ("GL-KW28", "globix", "esim", ("科威特28天9G", "Kuwait 28 days 9 GB"), ("day", 28), 9, (0, 0), "KW", (4_750, "KWD"), "restart"),
];

pub fn plans() -> Vec<PlanRow> {
    PLANS.iter().map(plan).collect()
}

fn plan(entry: &Entry) -> PlanRow {
    let (code, carrier, kinds, names, term, data, (minutes, sms), coverage, price, effect) = *entry;
    let list = |text: &str| text.split(';').map(str::to_owned).collect();
    PlanRow {
        code: code.into(),
        carrier: carrier.into(),
        kinds: list(kinds),
        name_zh: names.0.into(),
        name_en: names.1.into(),
        term_unit: term.0.into(),
        term_count: term.1,
        data_unlimited: data == UNLIMITED,
        data_bytes: (data > 0).then_some(data * GB),
        minutes,
        sms,
        coverage: list(coverage),
        price_minor: price.0,
        currency: price.1.into(),
        effect: effect.into(),
        carrier_product: format!("{carrier}:{}", code.to_lowercase()),
    }
}
