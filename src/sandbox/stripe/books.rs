//! What a merchant holds against their own books: events that were missed, and what was booked.

use super::super::Sandbox;
use super::super::ledger::{Payment, Refund};
use super::fields::Fields;
use super::problem::Problem;
use super::{object, queries};
use axum::Json;
use axum::extract::{RawQuery, State};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

/// Events are kept so long.
const MONTH: Duration = Duration::days(30);

/// The two ends a list is asked for: all of the last month where nothing is said.
pub fn between(fields: &Fields, from: &str, to: &str) -> Result<(OffsetDateTime, OffsetDateTime), Problem> {
    let read = |name: &str, otherwise: i64| {
        let seconds = fields.number(name)?.unwrap_or(otherwise);
        OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| Problem::invalid(name, "Invalid timestamp"))
    };
    Ok((read(from, 0)?, read(to, 253_402_300_799)?))
}

pub async fn events(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Result<Json<Value>, Problem> {
    let fields = Fields::read(&query.unwrap_or_default());
    fields.only(&["limit", "starting_after", "delivery_success", "created", "types"])?;
    if fields.text("delivery_success") != Some("false") {
        return Err(Problem::invalid("delivery_success", "The rehearsal keeps only what was not delivered"));
    }
    let (since, _) = between(&fields, "created[gte]", "created[lte]")?;
    let since = since.max(sandbox.clock.now() - MONTH);
    let kinds = fields.all("types");
    let bodies = queries::undelivered(&sandbox.pool, since).await?;
    let all = bodies.iter().filter_map(|body| serde_json::from_str::<Value>(body).ok());
    let wanted = |event: &Value| kinds.is_empty() || event["type"].as_str().is_some_and(|kind| kinds.contains(&kind));
    fields.page(all.filter(wanted).collect(), "/v1/events").map(Json)
}

pub async fn balance() -> Json<Value> {
    Json(json!({ "object": "balance", "livemode": false, "available": [], "pending": [] }))
}

pub async fn transactions(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Result<Json<Value>, Problem> {
    sandbox.ripen().await?;
    let fields = Fields::read(&query.unwrap_or_default());
    let (from, to) = between(&fields, "created[gte]", "created[lt]")?;
    let whole = fields.all("expand").contains(&"data.source");
    let booked = queries::booked(&sandbox.pool, from, to).await?;
    let all = booked.iter().map(|(payment, refund, at)| line(payment, refund.as_ref(), *at, whole)).collect();
    fields.page(all, "/v1/balance_transactions").map(Json)
}

fn line(payment: &Payment, refund: Option<&Refund>, at: OffsetDateTime, whole: bool) -> Value {
    let (kind, amount, source) = match refund {
        Some(refund) => ("refund", -refund.amount_minor, object::refund(payment, refund)),
        None => ("charge", payment.received_minor.unwrap_or(0), object::charge(payment)),
    };
    let name = source["id"].as_str().unwrap_or_default().to_owned();
    json!({
        "id": format!("txn_{name}"), "object": "balance_transaction", "type": kind, "created": at.unix_timestamp(),
        "amount": amount, "currency": payment.currency.to_lowercase(), "fee": 0, "net": amount, "status": "available",
        "source": if whole { source } else { name.into() },
    })
}
