use serde::{Deserialize, Serialize};
use serde_json::Number;
use time::{Date, OffsetDateTime};

use crate::calendar::{self, Zone};
use crate::decimal;
use crate::money::Currency;
use crate::plans::effect::Effect;
use crate::plans::term::Term;
use crate::simulator::queries::{Line, Product, Renewal};
use crate::units::MB;

#[derive(Deserialize)]
pub struct OrderBody {
    #[serde(rename = "type")]
    pub kind: String,
    assign: bool,
    order: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: String,
    quantity: u8,
    item: String,
    iccids: Vec<String>,
}

impl OrderBody {
    /// The eSIM and the bundle, where it is one of each.
    pub fn one_line(&self) -> Option<(&str, &str)> {
        let [Item { kind, quantity: 1, item, iccids }] = self.order.as_slice() else { return None };
        let [iccid] = iccids.as_slice() else { return None };
        (self.assign && kind == "bundle").then_some((iccid, item))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderReply {
    order: [Sold; 1],
    total: Option<Number>,
    currency: &'static str,
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_reference: Option<String>,
    assigned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    running_balance: Option<Number>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sold {
    #[serde(rename = "type")]
    kind: &'static str,
    item: String,
    quantity: u8,
    sub_total: Option<Number>,
}

impl OrderReply {
    pub fn valid(product: &Product) -> Self {
        let total = amount(product.cost_minor, product.currency);
        Self {
            order: [Sold { kind: "bundle", item: product.code.clone(), quantity: 1, sub_total: total.clone() }],
            total,
            currency: product.currency.code(),
            valid: true,
            status: None,
            status_message: None,
            order_reference: None,
            assigned: false,
            running_balance: None,
        }
    }

    pub fn done(product: &Product, reference: String, credit: Option<(i64, String)>) -> Self {
        Self {
            status: Some("completed"),
            status_message: Some("Order completed"),
            order_reference: Some(reference),
            assigned: true,
            running_balance: credit.and_then(|(minor, _)| amount(minor, product.currency)),
            ..Self::valid(product)
        }
    }
}

fn amount(minor: i64, currency: Currency) -> Option<Number> {
    decimal::write(minor, currency.exponent()).parse().ok()
}

#[derive(Serialize)]
pub struct Message<'a> {
    pub message: &'a str,
}

#[derive(Serialize)]
pub struct Organisation {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
}

impl Organisation {
    pub fn of(name: String, credit: Option<(i64, String)>) -> Self {
        let credit = credit.and_then(|(minor, code)| Some((minor, Currency::parse(&code).ok()?)));
        Self {
            name,
            balance: credit.and_then(|(minor, currency)| amount(minor, currency)),
            currency: credit.map(|(_, currency)| currency.code()),
        }
    }
}

#[derive(Serialize)]
pub struct Catalogue<'a> {
    bundles: Vec<Offered<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Offered<'a> {
    name: &'a str,
    description: &'a str,
    countries: Vec<Country<'a>>,
    data_amount: i64,
    duration: u32,
    unlimited: bool,
    price: Option<Number>,
}

#[derive(Serialize)]
struct Country<'a> {
    iso: &'a str,
}

impl<'a> Catalogue<'a> {
    pub fn of(products: &'a [Product]) -> Self {
        let offered = |product: &'a Product| Offered {
            name: &product.code,
            description: &product.title,
            countries: product.coverage.iter().map(|iso| Country { iso }).collect(),
            data_amount: product.data_bytes.unwrap_or_default() / MB,
            duration: match product.term() {
                Ok(Term::Days(days)) => days,
                Ok(Term::Months(months)) => months.saturating_mul(30),
                Err(_) => 0,
            },
            unlimited: product.data_unlimited,
            price: amount(product.cost_minor, product.currency),
        };
        Self { bundles: products.iter().map(offered).collect() }
    }
}

#[derive(Serialize)]
pub struct Bundles {
    bundles: Vec<Bundle>,
}

#[derive(Serialize)]
struct Bundle {
    name: String,
    assignments: [Assignment; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    id: String,
    assignment_reference: String,
    call_type_group: &'static str,
    bundle_state: &'static str,
    initial_quantity: i64,
    remaining_quantity: i64,
    unlimited: bool,
    assignment_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
}

impl Bundles {
    /// What was renewed, and before it what the line came with.
    pub fn all(line: &Line, renewals: Vec<Renewal>, products: &[Product], now: OffsetDateTime) -> Self {
        let zone = Zone::parse(&line.time_zone).unwrap_or_else(|_| Zone::utc());
        let done: Vec<_> = renewals.into_iter().filter(|renewal| renewal.refused.is_none()).collect();
        let product = |code: &str| products.iter().find(|product| product.code == code);
        let renewed = done.iter().filter_map(|renewal| product(&renewal.product)?.data_bytes).sum::<i64>();
        let before = done.first().map_or(line.valid_until, |first| first.before_until);
        let mut bundles = vec![Bundle::came_with(line, before, line.data_left_bytes - renewed, &zone, now)];
        bundles.extend(done.into_iter().map(|renewal| {
            let product = product(&renewal.product);
            Bundle::of(renewal, product, &zone, now)
        }));
        Self { bundles }
    }
}

impl Bundle {
    fn came_with(line: &Line, until: Date, left: i64, zone: &Zone, now: OffsetDateTime) -> Self {
        let over = until < calendar::today(now, zone);
        Self::named(
            "came-with-it",
            Assignment {
                id: line.line_id.clone(),
                assignment_reference: format!("{}-0", line.line_id),
                bundle_state: if over { "expired" } else { "active" },
                end_time: end_of(until, zone),
                ..Assignment::data(left.max(0))
            },
        )
    }

    fn of(renewal: Renewal, product: Option<&Product>, zone: &Zone, now: OffsetDateTime) -> Self {
        let today = calendar::today(now, zone);
        let waits = product.is_some_and(|product| product.effect == Effect::Queue) && today <= renewal.before_until;
        let state = match () {
            () if now < renewal.due_at => "processing",
            () if waits => "queued",
            () if renewal.valid_until < today => "expired",
            () => "active",
        };
        let begun = matches!(state, "active" | "expired");
        Self::named(
            &renewal.product,
            Assignment {
                id: renewal.number.to_string(),
                assignment_reference: format!("{}-0", renewal.request_id),
                bundle_state: state,
                unlimited: product.is_some_and(|product| product.data_unlimited),
                assignment_date_time: Some(calendar::rfc3339(&renewal.received_at)),
                end_time: if begun { end_of(renewal.valid_until, zone) } else { None },
                ..Assignment::data(product.and_then(|product| product.data_bytes).unwrap_or(0))
            },
        )
    }

    fn named(name: &str, assignment: Assignment) -> Self {
        Self { name: name.to_owned(), assignments: [assignment] }
    }
}

impl Assignment {
    fn data(bytes: i64) -> Self {
        Self {
            id: String::new(),
            assignment_reference: String::new(),
            call_type_group: "data",
            bundle_state: "",
            initial_quantity: bytes,
            remaining_quantity: bytes,
            unlimited: false,
            assignment_date_time: None,
            end_time: None,
        }
    }
}

fn end_of(day: Date, zone: &Zone) -> Option<String> {
    Some(calendar::rfc3339(&calendar::end_of_day(day, zone)))
}
