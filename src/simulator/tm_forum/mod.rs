//! TM Forum's Open APIs as a carrier serves them. Each order or top-up that arrives is one of its own, whatever it is
//! called: nothing in these APIs says otherwise.

mod balance;
mod orders;
mod stock;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::face::{self, Decided, decide};
use super::queries::{self, Line, Renewal};
use super::renew::Ask;
use crate::calendar::{self, CalendarError, Zone};

/// The token that the carrier gave the operator.
pub const TOKEN: &str = "tm-forum-demo-token";

const JSON: &str = "application/json;charset=utf-8";
const LARGEST_PAGE: usize = 100;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/productCatalogManagement/v4/productOffering", get(stock::offerings))
        .route("/productCatalogManagement/v4/productOffering/{id}", get(stock::offering))
        .route("/productInventory/v4/product", get(stock::products))
        .route("/productInventory/v4/product/{id}", get(stock::product))
        .route("/productOrderingManagement/v4/productOrder", get(orders::list).post(orders::create))
        .route("/productOrderingManagement/v4/productOrder/{id}", get(orders::one))
        .route("/prepayBalanceManagement/v4/bucket", get(balance::buckets))
        .route("/prepayBalanceManagement/v4/topupBalance", get(balance::list).post(balance::create))
        .route("/prepayBalanceManagement/v4/topupBalance/{id}", get(balance::one))
        .layer(middleware::from_fn(only_for_the_operator))
}

async fn only_for_the_operator(request: Request, next: Next) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match shown.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(TOKEN) => next.run(request).await,
        _ => problem(StatusCode::UNAUTHORIZED, "42", "no such token"),
    }
}

/// What a list is asked for. Filters that are not here are not honoured.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
    external_id: Option<String>,
    description: Option<String>,
    product_serial_number: Option<String>,
    #[serde(rename = "logicalResource.id")]
    logical_resource: Option<String>,
}

impl Filter {
    fn page(&self, all: impl Iterator<Item = Value>) -> Response {
        let page = all.skip(self.offset).take(self.limit.unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE));
        answer(StatusCode::OK, &page.collect())
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, JSON)], body.to_string()).into_response()
}

fn problem(status: StatusCode, code: &str, reason: &str) -> Response {
    answer(status, &json!({ "code": code, "reason": reason, "status": status.as_u16().to_string() }))
}

fn missing() -> Response {
    problem(StatusCode::NOT_FOUND, "60", "there is no such resource")
}

/// Decides a request; one that was asked for before is asked for once more.
async fn take_on(app: &App, mut ask: Ask) -> Result<Renewal, Response> {
    ask.request_id = face::numbered(app, &ask.request_id).await?;
    Err(match decide(app, ask).await? {
        Decided::Renewal(renewal) => return Ok(renewal),
        Decided::Duplicate(_) | Decided::Reused => problem(StatusCode::CONFLICT, "80", "it is there already"),
        Decided::NoSuchLine => problem(StatusCode::BAD_REQUEST, "24", "no such line"),
        Decided::NoSuchProduct => problem(StatusCode::BAD_REQUEST, "24", "no such offering"),
        Decided::NoCredit => problem(StatusCode::FORBIDDEN, "41", "the account has no credit"),
        Decided::Malformed => problem(StatusCode::BAD_REQUEST, "23", "it makes no sense"),
    })
}

/// The carrier's decisions, oldest first.
async fn renewals(app: &App, carrier: &str, wanted: Option<&str>) -> Result<Vec<Renewal>, Response> {
    queries::renewals_named(&app.pool, carrier, wanted).await.map_err(|cause| face::broken(&cause))
}

async fn renewal(app: &App, carrier: &str, id: &str) -> Result<Option<Renewal>, Response> {
    let Ok(number) = id.parse() else { return Ok(None) };
    queries::renewal_numbered(&app.pool, carrier, number).await.map_err(|cause| face::broken(&cause))
}

/// A request's name without what tells its repetitions apart.
fn name(renewal: &Renewal) -> &str {
    renewal.request_id.split('#').next().unwrap_or_default()
}

/// How long a line is valid, as a period of instants.
fn period(line: &Line) -> Result<Value, CalendarError> {
    let zone = Zone::parse(&line.time_zone)?;
    let (start, end) = (calendar::start_of_day(line.valid_from, &zone), calendar::end_of_day(line.valid_until, &zone));
    Ok(json!({ "startDateTime": calendar::rfc3339(&start), "endDateTime": calendar::rfc3339(&end) }))
}
