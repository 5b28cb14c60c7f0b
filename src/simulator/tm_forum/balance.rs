//! Buckets and top-ups. What a top-up costs follows from the product that gives as much data.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Number, Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};

use super::{Filter, answer, missing, name, period, problem, renewal, renewals, take_on};
use crate::calendar::{self, Zone, days_between};
use crate::plans::term::Term;
use crate::simulator::App;
use crate::simulator::face::broken;
use crate::simulator::queries::{self, Line, Product, Renewal};
use crate::simulator::renew::Ask;
use crate::units::{Data, MB};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewTopUp {
    description: String,
    amount: Amount,
    usage_type: String,
    bucket: Reference,
    party_account: Reference,
    valid_for: Option<Period>,
}

#[derive(Deserialize)]
struct Amount {
    amount: Number,
    units: String,
}

#[derive(Deserialize)]
struct Reference {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Period {
    end_date_time: Option<String>,
}

pub async fn create(
    State(app): State<App>,
    Path(carrier): Path<String>,
    body: Result<Json<NewTopUp>, JsonRejection>,
) -> Result<Response, Response> {
    let unclear = |reason| Ok(problem(StatusCode::BAD_REQUEST, "23", reason));
    let Ok(Json(wanted)) = body else { return unclear("it is no top-up") };
    let line = queries::line(&app.pool, app.clock.now(), &carrier, bucket_line(&wanted.bucket.id))
        .await
        .map_err(|cause| broken(&cause))?;
    let Some(line) = line.filter(|line| account(&line.carrier) == wanted.party_account.id) else {
        return unclear("no such bucket on this account");
    };
    let products = queries::products(&app.pool, &carrier).await.map_err(|cause| broken(&cause))?;
    let Some(product) = wanted.product(products, &line) else { return unclear("no such amount is sold") };
    let request_id = wanted.description.split_whitespace().last().unwrap_or_default().to_owned();
    let ask = Ask { request_id, carrier, iccid: line.iccid, product, told: None };
    let renewal = take_on(&app, ask).await?;
    Ok(answer(StatusCode::CREATED, &shown(&renewal, app.clock.now())))
}

/// By description, or all of them.
pub async fn list(
    State(app): State<App>,
    Path(carrier): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Response, Response> {
    let wanted = filter.description.as_deref().map(|text| text.trim_start_matches("renewal "));
    let (now, found) = (app.clock.now(), renewals(&app, &carrier, wanted).await?);
    Ok(filter.page(found.iter().map(|renewal| shown(renewal, now))))
}

pub async fn one(State(app): State<App>, Path((carrier, id)): Path<(String, String)>) -> Result<Response, Response> {
    let found = renewal(&app, &carrier, &id).await?;
    Ok(found.map_or_else(missing, |renewal| answer(StatusCode::OK, &shown(&renewal, app.clock.now()))))
}

pub async fn buckets(
    State(app): State<App>,
    Path(carrier): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Response, Response> {
    let Some(resource) = filter.logical_resource.as_deref() else {
        return Ok(problem(StatusCode::BAD_REQUEST, "21", "there are too many buckets to be listed"));
    };
    let found = queries::line(&app.pool, app.clock.now(), &carrier, resource).await.map_err(|cause| broken(&cause))?;
    Ok(filter.page(found.iter().filter_map(|line| bucket(line, resource))))
}

impl NewTopUp {
    /// The amount says which product it is, and where several give as much, the day until it shall last.
    fn product(&self, products: Vec<Product>, line: &Line) -> Option<String> {
        let amount = format!("{} {}", self.amount.amount, self.amount.units);
        let bytes = Data::parse(&amount).ok().filter(|_| self.usage_type == "data")?.bytes()?;
        let end = self.valid_for.as_ref().and_then(|period| period.last_day(line));
        let mut fitting: Vec<_> = products.into_iter().filter(|product| product.data_bytes == Some(bytes)).collect();
        fitting.sort_by_key(|product| !lasts(product, line, end));
        fitting.into_iter().next().map(|product| product.code)
    }
}

fn lasts(product: &Product, line: &Line, until: Option<Date>) -> bool {
    let days = until.map(|until| days_between(line.valid_until, until));
    matches!((product.term(), days), (Ok(Term::Days(term)), Some(days)) if i64::from(term) == days)
}

impl Period {
    fn last_day(&self, line: &Line) -> Option<Date> {
        let end = OffsetDateTime::parse(self.end_date_time.as_deref()?, &Rfc3339).ok()?;
        Some(calendar::today(end - time::Duration::SECOND, &Zone::parse(&line.time_zone).ok()?))
    }
}

fn shown(renewal: &Renewal, now: OffsetDateTime) -> Value {
    json!({
        "id": renewal.number.to_string(),
        "description": format!("renewal {}", name(renewal)),
        "requestedDate": calendar::rfc3339(&renewal.received_at),
        "usageType": "data",
        "status": match renewal.refused {
            Some(_) => "failed",
            None if now < renewal.due_at => "created",
            None => "completed",
        },
    })
}

fn bucket(line: &Line, resource: &str) -> Option<Value> {
    let status = match line.state.as_str() {
        "suspended" => "suspended",
        "expired" | "ended" => "expired",
        _ => "active",
    };
    Some(json!({
        "id": format!("bucket-{}", line.line_id),
        "status": status,
        "usageType": "data",
        "isShared": false,
        "remainingValue": { "amount": line.data_left_bytes / MB, "units": "MB" },
        "validFor": period(line).ok()?,
        "logicalResource": [{ "id": resource }],
        "partyAccount": { "id": account(&line.carrier) },
    }))
}

fn bucket_line(id: &str) -> &str {
    id.trim_start_matches("bucket-")
}

/// One account for all lines of an operator.
fn account(carrier: &str) -> String {
    format!("account-{carrier}")
}
