//! The carrier's own side of what is said: dollars times 10,000, bytes, and an envelope around everything.

use axum::response::{IntoResponse, Json, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::calendar::{Zone, days_between, end_of_day};
use crate::plans::term::Term;
use crate::simulator::queries::{Line, Product};

pub fn done(obj: Value) -> Response {
    Json(json!({ "success": true, "errorCode": "0", "errorMsg": null, "obj": obj })).into_response()
}

pub fn refused(code: &str) -> Response {
    Json(json!({ "success": false, "errorCode": code, "errorMsg": "refused", "obj": null })).into_response()
}

pub fn package(product: &Product) -> sqlx::Result<Value> {
    let (count, unit) = match product.term()? {
        Term::Days(days) => (days, "DAY"),
        Term::Months(months) => (months, "MONTH"),
    };
    Ok(json!({
        "packageCode": product.code, "slug": product.code, "name": product.title, "price": product.cost_minor * 100,
        "currencyCode": "USD", "volume": product.data_bytes.unwrap_or(0), "duration": count, "durationUnit": unit,
        "location": product.coverage.join(","), "supportTopUpType": 2,
    }))
}

pub fn profile(line: &Line, now: OffsetDateTime) -> Value {
    json!({
        "esimTranNo": line.line_id, "iccid": line.iccid, "esimStatus": status(line, now), "smdpStatus": "ENABLED",
        "totalVolume": line.data_given_bytes, "totalDuration": duration(line), "expiredTime": end(line),
        "orderUsage": used(line),
    })
}

pub fn usage(line: &Line, now: OffsetDateTime) -> Value {
    json!({
        "esimTranNo": line.line_id, "dataUsage": used(line), "totalData": line.data_given_bytes,
        "lastUpdateTime": moment(now),
    })
}

pub fn topped_up(line: &Line, transaction: &str, number: i64) -> Value {
    json!({
        "transactionId": transaction, "iccid": line.iccid, "expiredTime": end(line),
        "totalVolume": line.data_given_bytes, "totalDuration": duration(line), "orderUsage": used(line),
        "topUpEsimTranNo": number.to_string(),
    })
}

pub fn status(line: &Line, now: OffsetDateTime) -> &'static str {
    match line.state.as_str() {
        "new" => "GOT_RESOURCE",
        "active" | "depleted" if now >= end_of_day(line.valid_until, &zone(line)) => "USED_EXPIRED",
        "active" => "IN_USE",
        "depleted" => "USED_UP",
        "suspended" => "SUSPENDED",
        "expired" => "USED_EXPIRED",
        _ => "CANCEL",
    }
}

fn used(line: &Line) -> i64 {
    (line.data_given_bytes - line.data_left_bytes).max(0)
}

fn duration(line: &Line) -> i64 {
    days_between(line.valid_from, line.valid_until) + 1
}

fn end(line: &Line) -> Option<String> {
    moment(end_of_day(line.valid_until, &zone(line)))
}

fn zone(line: &Line) -> Zone {
    Zone::parse(&line.time_zone).unwrap_or_else(|_| Zone::utc())
}

fn moment(at: OffsetDateTime) -> Option<String> {
    at.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+0000")).ok()
}
