//! The carrier's own side of what is said: megabytes of which 1,024 are a GB, prices as numbers, times without a zone.

use serde_json::{Number, Value, json};
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use crate::calendar::{Zone, end_of_day};
use crate::money::Money;
use crate::plans::term::Term;
use crate::simulator::queries::{Line, Product, Renewal};
use crate::units::{self, GB};

pub fn package(product: &Product) -> sqlx::Result<Value> {
    let price = price(product);
    Ok(json!({
        "id": product.code, "type": "topup", "price": price, "net_price": price,
        "amount": megabytes(product.data_bytes.unwrap_or(0)), "day": days(product.term()?),
        "is_unlimited": product.data_unlimited, "title": product.title, "data": data(product),
        "short_info": null, "voice": null, "text": null,
    }))
}

pub fn catalogue(carrier: &str, products: &[Product]) -> Value {
    let operators: Vec<Value> = products
        .iter()
        .filter_map(|product| {
            let countries: Vec<Value> = product.coverage.iter().map(|code| json!({ "country_code": code })).collect();
            Some(json!({ "title": carrier, "countries": countries, "packages": [package(product).ok()?] }))
        })
        .collect();
    json!({
        "pricing": { "model": "net_pricing", "discount_percentage": 0 },
        "data": [{ "slug": carrier, "operators": operators }],
        "meta": { "message": "success", "current_page": 1, "last_page": 1 },
    })
}

pub fn order(renewal: &Renewal, product: Option<&Product>) -> Value {
    let day = renewal.received_at.date();
    json!({
        "id": renewal.number, "package_id": renewal.product, "quantity": "1", "type": "topup",
        "code": format!("{}{:02}{:02}-{:06}", day.year(), u8::from(day.month()), day.day(), renewal.number),
        "description": renewal.request_id.split('#').next(), "esim_type": "Prepaid",
        "package": product.map(|product| &product.title), "data": product.map(data),
        "validity": product.and_then(|product| product.term().ok()).map(days),
        "price": product.map(price), "currency": product.map(|product| product.currency.code()),
        "created_at": moment(renewal.received_at), "status": { "name": "Completed", "slug": "completed" },
    })
}

pub fn usage(line: &Line) -> Value {
    let status = match line.state.as_str() {
        "new" => "NOT_ACTIVE",
        "active" => "ACTIVE",
        "depleted" => "FINISHED",
        "expired" | "ended" => "EXPIRED",
        _ => "UNKNOWN",
    };
    let zone = Zone::parse(&line.time_zone).unwrap_or_else(|_| Zone::utc());
    json!({
        "remaining": megabytes(line.data_left_bytes), "total": megabytes(line.data_total_bytes),
        "expired_at": moment(end_of_day(line.valid_until, &zone)), "is_unlimited": line.data_unlimited, "status": status,
        "remaining_voice": 0, "remaining_text": 0, "total_voice": 0, "total_text": 0,
    })
}

fn price(product: &Product) -> Option<Number> {
    serde_json::from_str(&Money::new(product.cost_minor, product.currency).amount()).ok()
}

fn data(product: &Product) -> String {
    match product.data_bytes {
        _ if product.data_unlimited => "Unlimited".to_owned(),
        bytes => units::format_bytes(bytes.unwrap_or(0)),
    }
}

fn megabytes(bytes: i64) -> i64 {
    i64::try_from(i128::from(bytes) * 1_024 / i128::from(GB)).unwrap_or(i64::MAX)
}

fn days(term: Term) -> u32 {
    match term {
        Term::Days(days) => days,
        Term::Months(months) => months * 30,
    }
}

fn moment(at: OffsetDateTime) -> Option<String> {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    at.to_offset(UtcOffset::UTC).format(format).ok()
}
