//! The carrier as Airalo's Partners API shows it. Every order that arrives is done, however often it comes.

mod signature;
mod token;
mod wire;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

use self::signature::Fields;
use self::token::LetIn;
use super::App;
use super::face::{Decided, broken, decide, numbered};
use super::queries::{self, Line, Renewal};
use super::renew::Ask;

/// What whoever rehearses calls itself.
pub const CLIENT_ID: &str = "rehearsal";
pub const CLIENT_SECRET: &str = "rehearsal-of-airalo";

const MOST_ORDERS: i64 = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/token", post(token::grant))
        .route("/packages", get(packages))
        .route("/sims/{iccid}/topups", get(top_ups))
        .route("/sims/{iccid}/usage", get(usage))
        .route("/orders/topups", post(order))
        .route("/orders", get(orders))
}

async fn top_ups(State(app): State<App>, LetIn(carrier): LetIn, Path(path): Path<HashMap<String, String>>) -> Response {
    let line = match line(&app, &carrier, path).await {
        Ok(line) => line,
        Err(response) => return response,
    };
    if matches!(line.state.as_str(), "suspended" | "ended") {
        return Json(json!({ "data": [] })).into_response();
    }
    match queries::products(&app.pool, &carrier).await {
        Ok(products) => {
            let listed: Vec<Value> = products.iter().filter_map(|product| wire::package(product).ok()).collect();
            Json(json!({ "pricing": { "model": "net_pricing", "discount_percentage": 0 }, "data": listed }))
                .into_response()
        }
        Err(cause) => broken(&cause),
    }
}

async fn usage(State(app): State<App>, LetIn(carrier): LetIn, Path(path): Path<HashMap<String, String>>) -> Response {
    match line(&app, &carrier, path).await {
        Ok(line) => success(wire::usage(&line)),
        Err(response) => response,
    }
}

async fn line(app: &App, carrier: &str, mut path: HashMap<String, String>) -> Result<Line, Response> {
    let iccid = path.remove("iccid").unwrap_or_default();
    match queries::line(&app.pool, app.clock.now(), carrier, &iccid).await {
        Ok(Some(line)) if line.iccid == iccid => Ok(line),
        Ok(_) => Err(complaint(StatusCode::NOT_FOUND, json!([]), "messages.resource_not_found")),
        Err(cause) => Err(broken(&cause)),
    }
}

/// All that is sold, as one operator in one place.
async fn packages(State(app): State<App>, LetIn(carrier): LetIn) -> Response {
    match queries::products(&app.pool, &carrier).await {
        Ok(products) => Json(wire::catalogue(&carrier, &products)).into_response(),
        Err(cause) => broken(&cause),
    }
}

async fn order(State(app): State<App>, LetIn(carrier): LetIn, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(fields) = serde_json::from_slice::<Fields>(&body) else {
        return refused(43, "Bad request.");
    };
    if !fields.is_signed(CLIENT_SECRET, signature_of(&headers)) {
        return refused(14, "Invalid checksum.");
    }
    let (Some(package), Some(iccid)) = (fields.text("package_id"), fields.text("iccid")) else {
        let data =
            json!({ "iccid": "The iccid field is required.", "package_id": "The package id field is required." });
        return complaint(StatusCode::UNPROCESSABLE_ENTITY, data, "the parameter is invalid");
    };
    let described =
        fields.text("description").map_or_else(|| format!("Topup ({iccid}) {}", Uuid::new_v4()), str::to_owned);
    let request_id = match numbered(&app, &described).await {
        Ok(request_id) => request_id,
        Err(response) => return response,
    };
    let ask = Ask { request_id, carrier, iccid: iccid.to_owned(), product: package.to_owned(), told: None };
    match decide(&app, ask).await {
        Ok(decided) => shown(&app, decided).await,
        Err(trouble) => trouble,
    }
}

async fn shown(app: &App, decided: Decided) -> Response {
    let field = |data| complaint(StatusCode::UNPROCESSABLE_ENTITY, data, "the parameter is invalid");
    match decided {
        Decided::Renewal(renewal) if renewal.refused.is_some() => refused(23, "Disabled by the operator."),
        Decided::Renewal(renewal) => match placed(app, &[renewal]).await {
            Ok(mut orders) => success(orders.pop().unwrap_or_default()),
            Err(cause) => broken(&cause),
        },
        // It knows no duplicates, so one is a surprise to it as well.
        Decided::Duplicate(_) => refused(53, "Something unexpected happened."),
        Decided::NoCredit => refused(11, "Insufficient Airalo Credit."),
        Decided::NoSuchLine => field(json!({ "iccid": "The selected iccid is invalid." })),
        Decided::NoSuchProduct => field(json!({ "package_id": "invalid topup package" })),
        Decided::Reused | Decided::Malformed => refused(43, "Bad request."),
    }
}

/// The search is for descriptions that contain the text.
async fn orders(
    State(app): State<App>,
    LetIn(carrier): LetIn,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let text = query.get("filter[description]").map(String::as_str).unwrap_or_default();
    let listed = async {
        let renewals = queries::done_like(&app.pool, &carrier, text, MOST_ORDERS).await?;
        placed(&app, &renewals).await
    };
    match listed.await {
        Ok(orders) => {
            let count = orders.len();
            let meta = json!({
                "message": "success", "current_page": 1, "last_page": 1, "per_page": MOST_ORDERS.to_string(), "total": count,
            });
            Json(json!({ "data": orders, "links": {}, "meta": meta })).into_response()
        }
        Err(cause) => broken(&cause),
    }
}

async fn placed(app: &App, renewals: &[Renewal]) -> sqlx::Result<Vec<Value>> {
    let mut orders = vec![];
    for renewal in renewals {
        let product = queries::product(&app.pool, &renewal.carrier, &renewal.product).await?;
        orders.push(wire::order(renewal, product.as_ref()));
    }
    Ok(orders)
}

fn signature_of(headers: &HeaderMap) -> Option<&str> {
    headers.get("airalo-signature")?.to_str().ok()
}

fn success(data: Value) -> Response {
    Json(json!({ "data": data, "meta": { "message": "success" } })).into_response()
}

fn complaint(status: StatusCode, data: Value, message: &str) -> Response {
    (status, Json(json!({ "data": data, "meta": { "message": message } }))).into_response()
}

fn refused(code: u16, reason: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "code": code, "reason": reason }))).into_response()
}
