//! 1GLOBAL Connect as the carrier serves it: tokens that end, orders, and the subscriptions of a SIM. Each order that
//! arrives is one of its own.

use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Form, Json, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Number, Value, json};
use time::{Date, OffsetDateTime};

use super::App;
use super::face::{Decided, broken, decide, numbered};
use super::queries::{self, Line, Renewal};
use super::renew::Ask;
use crate::calendar::{self, Zone};

pub const CLIENT_ID: &str = "one-global-demo";
pub const CLIENT_SECRET: &str = "one-global-demo-secret";

const TOKENS_LAST: i64 = 300;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/auth/realms/tru-staff/protocol/openid-connect/token", post(token))
        .route("/connect-api/v2/orders", post(create))
        .route("/connect-api/v2/orders/{id}", get(order))
        .route("/connect-api/v2/subscriptions", get(subscriptions))
}

#[derive(Deserialize)]
struct Credentials {
    grant_type: String,
    client_id: String,
    client_secret: String,
}

async fn token(State(app): State<App>, Form(shown): Form<Credentials>) -> Response {
    let known = shown.client_id == CLIENT_ID && shown.client_secret == CLIENT_SECRET;
    if !known || shown.grant_type != "client_credentials" {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let until = app.clock.now().unix_timestamp() + TOKENS_LAST;
    Json(json!({ "access_token": format!("demo-{until}"), "expires_in": TOKENS_LAST, "token_type": "Bearer" }))
        .into_response()
}

/// A token that was given out and has not ended.
fn admit(app: &App, headers: &HeaderMap) -> Result<(), Response> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let until = shown.strip_prefix("Bearer demo-").and_then(|until| until.parse().ok());
    match until {
        Some(until) if app.clock.now().unix_timestamp() < until => Ok(()),
        _ => Err(refused(StatusCode::UNAUTHORIZED, "no such token")),
    }
}

fn refused(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

#[derive(Deserialize)]
struct NewOrder {
    operation_type: String,
    sim_type: String,
    country: String,
    product: SoldProduct,
    subscriber: Subscriber,
}

#[derive(Deserialize)]
struct SoldProduct {
    id: String,
    sold_price: Option<Number>,
    sold_currency: Option<String>,
}

#[derive(Deserialize)]
struct Subscriber {
    sim: Sim,
}

#[derive(Deserialize)]
struct Sim {
    iccid: String,
}

async fn create(
    State(app): State<App>,
    Path(carrier): Path<String>,
    headers: HeaderMap,
    body: Result<Json<NewOrder>, JsonRejection>,
) -> Result<Response, Response> {
    admit(&app, &headers)?;
    let correlation = headers.get("x-correlation-id").and_then(|value| value.to_str().ok());
    let (Ok(Json(order)), Some(wanted)) = (body, correlation) else {
        return Err(refused(StatusCode::BAD_REQUEST, "an order or its correlation is missing"));
    };
    if !order.is_sound() {
        return Err(refused(StatusCode::BAD_REQUEST, "it is no top-up of a SIM"));
    }
    let request_id = numbered(&app, wanted).await?;
    let ask = Ask { request_id, carrier, iccid: order.subscriber.sim.iccid, product: order.product.id, told: None };
    Ok(match decide(&app, ask).await? {
        Decided::Renewal(renewal) => (StatusCode::CREATED, Json(accepted(&renewal))).into_response(),
        Decided::Duplicate(_) | Decided::Reused => refused(StatusCode::CONFLICT, "it is there already"),
        Decided::NoSuchLine => refused(StatusCode::BAD_REQUEST, "no such SIM"),
        Decided::NoSuchProduct => refused(StatusCode::BAD_REQUEST, "no such product"),
        Decided::NoCredit => refused(StatusCode::FORBIDDEN, "no credit"),
        Decided::Malformed => refused(StatusCode::BAD_REQUEST, "it makes no sense"),
    })
}

impl NewOrder {
    fn is_sound(&self) -> bool {
        self.operation_type == "TOPUP"
            && ["ESIM", "PSIM"].contains(&self.sim_type.as_str())
            && self.country.len() == 2
            && self.product.sold_price.is_some() == self.product.sold_currency.is_some()
    }
}

async fn order(
    State(app): State<App>,
    Path((carrier, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    admit(&app, &headers)?;
    let number = id.parse().map_err(|_| refused(StatusCode::NOT_FOUND, "no such order"))?;
    let found = queries::renewal_numbered(&app.pool, &carrier, number).await.map_err(|cause| broken(&cause))?;
    let renewal = found.ok_or_else(|| refused(StatusCode::NOT_FOUND, "no such order"))?;
    Ok(Json(shown(&renewal, app.clock.now())).into_response())
}

/// Work on it begins only after it was accepted.
fn accepted(renewal: &Renewal) -> Value {
    json!({
        "id": renewal.number.to_string(),
        "status": "ACCEPTED",
        "created_date": calendar::rfc3339(&renewal.received_at),
        "_metadata": { "_links": { "_self": format!("/v2/orders/{}", renewal.number) } },
    })
}

fn shown(renewal: &Renewal, now: OffsetDateTime) -> Value {
    let mut order = accepted(renewal);
    let is_done = now >= renewal.due_at;
    order["status"] = json!(match (&renewal.refused, is_done) {
        (Some(_), _) => "FAILED",
        (None, false) => "FULFILLING",
        (None, true) => "COMPLETED",
    });
    if renewal.refused.is_none() && is_done {
        order["output"] = json!({ "iccid": renewal.iccid, "subscription_id": subscription_id(renewal) });
    }
    order
}

#[derive(Deserialize)]
struct Filter {
    iccid: String,
    page: Option<usize>,
    page_size: Option<usize>,
}

async fn subscriptions(
    State(app): State<App>,
    Path(carrier): Path<String>,
    headers: HeaderMap,
    Query(filter): Query<Filter>,
) -> Result<Response, Response> {
    admit(&app, &headers)?;
    let line =
        queries::line(&app.pool, app.clock.now(), &carrier, &filter.iccid).await.map_err(|cause| broken(&cause))?;
    let renewals = queries::renewals_of(&app.pool, &carrier, &filter.iccid).await.map_err(|cause| broken(&cause))?;
    let all = line.map(|line| listed(&line, &renewals, app.clock.now())).unwrap_or_default();
    let (size, page) = (filter.page_size.unwrap_or(10).max(1), filter.page.unwrap_or(1).max(1));
    let count = all.len().div_ceil(size).max(1);
    let data: Vec<Value> = all.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    Ok(Json(json!({ "data": data, "_metadata": { "page": page, "page_size": size, "page_count": count } }))
        .into_response())
}

/// All there ever were: what the SIM was sold with, then one for each renewal that was done.
fn listed(line: &Line, renewals: &[Renewal], now: OffsetDateTime) -> Vec<Value> {
    let done: Vec<&Renewal> = renewals.iter().filter(|one| one.refused.is_none() && one.due_at <= now).collect();
    let first_until = renewals.first().map_or(line.valid_until, |first| first.before_until);
    let left = |is_last: bool| if is_last { line.data_left_bytes } else { 0 };
    let sold = subscription(line, (&format!("sold-{}", line.line_id), None), first_until, left(done.is_empty()), now);
    let later = done.iter().enumerate().map(|(index, one)| {
        let bytes = left(index + 1 == done.len());
        subscription(line, (&subscription_id(one), Some(&one.product)), one.valid_until, bytes, now)
    });
    std::iter::once(sold).chain(later).collect()
}

fn subscription(
    line: &Line,
    (id, product): (&str, Option<&str>),
    until: Date,
    bytes: i64,
    now: OffsetDateTime,
) -> Value {
    let end = Zone::parse(&line.time_zone).map(|zone| calendar::end_of_day(until, &zone)).unwrap_or(now);
    json!({
        "id": id,
        "sim_id": line.iccid,
        "product_id": product,
        "expiry_date": calendar::rfc3339(&end),
        "status": if end <= now { "EXPIRED" } else if line.state == "depleted" { "DEPLETED" } else { "ACTIVE" },
        "initial_balance": bytes.max(0),
        "current_balance": bytes,
        "balance_units": "Bytes",
    })
}

fn subscription_id(renewal: &Renewal) -> String {
    format!("subscription-{}", renewal.number)
}
