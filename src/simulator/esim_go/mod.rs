//! eSIM Go's side of its API v2.5. An order carries no id of the caller's, so each that arrives once the one before is
//! decided is another; what is not decided yet is weighed again as the same.

mod wire;

use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::App;
use super::face::{Decided, broken, decide};
use super::queries::{self, Product};
use super::renew::Ask;
use wire::{Bundles, Catalogue, Message, OrderBody, OrderReply, Organisation};

/// What the rehearsed account signs in with.
pub const API_KEY: &str = "esim-go-rehearsal-key";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/orders", post(order))
        .route("/esims/{iccid}/bundles", get(bundles))
        .route("/organisation", get(organisation))
        .route("/catalogue", get(catalogue))
}

async fn order(
    State(app): State<App>,
    Path(carrier): Path<String>,
    headers: HeaderMap,
    body: Result<Json<OrderBody>, JsonRejection>,
) -> Response {
    if let Some(stranger) = stranger(&headers) {
        return stranger;
    }
    let Ok(Json(body)) = body else { return no("the request can't be read") };
    let Some((iccid, item)) = body.one_line() else { return no("one bundle for one eSIM, please") };
    let found = async {
        let line = queries::line(&app.pool, app.clock.now(), &carrier, iccid).await?;
        Ok::<_, sqlx::Error>(line.zip(queries::product(&app.pool, &carrier, item).await?))
    };
    let (line, product) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return no("eSIM or bundle not found"),
        Err(cause) => return broken(&cause),
    };
    if line.state == "ended" || line.state == "suspended" {
        return no("eSIM is deactivated");
    }
    match body.kind.as_str() {
        "validate" => validate(&app, &carrier, &product).await,
        "transaction" => transact(&app, carrier, line.iccid, product).await,
        _ => no("type is validate or transaction"),
    }
}

async fn validate(app: &App, carrier: &str, product: &Product) -> Response {
    match queries::credit(&app.pool, carrier).await {
        Ok(Some((left, _))) if left < product.cost_minor => no("Insufficient balance"),
        Ok(_) => Json(OrderReply::valid(product)).into_response(),
        Err(cause) => broken(&cause),
    }
}

async fn transact(app: &App, carrier: String, iccid: String, product: Product) -> Response {
    let reference = match queries::renewals_of(&app.pool, &carrier, &iccid).await {
        Ok(renewals) => reference(&carrier, &iccid, renewals.len()),
        Err(cause) => return broken(&cause),
    };
    let ask = Ask { request_id: reference, carrier: carrier.clone(), iccid, product: product.code.clone(), told: None };
    let renewal = match decide(app, ask).await {
        Ok(Decided::Renewal(renewal) | Decided::Duplicate(renewal)) => renewal,
        Ok(Decided::NoCredit) => return no("Insufficient balance"),
        Ok(_) => return no("eSIM or bundle not found"),
        Err(trouble) => return trouble,
    };
    if let Some(reason) = renewal.refused {
        return no(&reason);
    }
    match queries::credit(&app.pool, &carrier).await {
        Ok(credit) => Json(OrderReply::done(&product, renewal.request_id, credit)).into_response(),
        Err(cause) => broken(&cause),
    }
}

/// The order after so many of a line's: a UUID, as theirs are.
fn reference(carrier: &str, iccid: &str, before: usize) -> String {
    let digest = Sha256::digest(format!("{carrier}\n{iccid}\n{before}"));
    let mut bytes = [0u8; 16];
    bytes.iter_mut().zip(digest.iter()).for_each(|(byte, of)| *byte = *of);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

async fn bundles(
    State(app): State<App>,
    Path((carrier, iccid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Some(stranger) = stranger(&headers) {
        return stranger;
    }
    let found = async {
        let Some(line) = queries::line(&app.pool, app.clock.now(), &carrier, &iccid).await? else { return Ok(None) };
        let renewals = queries::renewals_of(&app.pool, &carrier, &iccid).await?;
        let products = queries::products(&app.pool, &carrier).await?;
        Ok::<_, sqlx::Error>(Some(Bundles::all(&line, renewals, &products, app.clock.now())))
    };
    match found.await {
        Ok(Some(bundles)) => Json(bundles).into_response(),
        Ok(None) => answer(StatusCode::NOT_FOUND, Message { message: "eSIM not found" }),
        Err(cause) => broken(&cause),
    }
}

async fn organisation(State(app): State<App>, Path(carrier): Path<String>, headers: HeaderMap) -> Response {
    if let Some(stranger) = stranger(&headers) {
        return stranger;
    }
    match queries::credit(&app.pool, &carrier).await {
        Ok(credit) => Json(Organisation::of(carrier, credit)).into_response(),
        Err(cause) => broken(&cause),
    }
}

/// One page holds all; a further one is empty.
async fn catalogue(State(app): State<App>, Path(carrier): Path<String>, headers: HeaderMap) -> Response {
    if let Some(stranger) = stranger(&headers) {
        return stranger;
    }
    match queries::products(&app.pool, &carrier).await {
        Ok(products) => Json(Catalogue::of(&products)).into_response(),
        Err(cause) => broken(&cause),
    }
}

/// What one without the key is told.
fn stranger(headers: &HeaderMap) -> Option<Response> {
    let key = headers.get("x-api-key").map(|key| key.as_bytes()).unwrap_or_default();
    let is_known = bool::from(key.ct_eq(API_KEY.as_bytes()));
    (!is_known).then(|| answer(StatusCode::UNAUTHORIZED, Message { message: "unknown key" }))
}

fn no(message: &str) -> Response {
    answer(StatusCode::BAD_REQUEST, Message { message })
}

fn answer(status: StatusCode, body: impl Serialize) -> Response {
    (status, Json(body)).into_response()
}
