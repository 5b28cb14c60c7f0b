//! DT One's side of its Digital Value Services, v1: a transaction is created, which holds its price for a while, and then
//! confirmed or cancelled. Its id of the caller's is used once.

mod queries;
mod wire;

use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::App;
use super::face::{Decided, broken, decide};
use super::queries::{self as books, Product};
use super::renew::Ask;
use queries::{Transaction, Wanted};
use wire::{Balance, CreateBody, Errors, ProductReply, TransactionReply};

/// What the rehearsed account signs in with.
pub const API_KEY: &str = "dt-one-rehearsal-key";
pub const API_SECRET: &str = "dt-one-rehearsal-secret";

type Answer = Result<Response, No>;

/// An HTTP status and their own code.
struct No(u16, u64);

impl IntoResponse for No {
    fn into_response(self) -> Response {
        answer(StatusCode::from_u16(self.0).unwrap_or_default(), Errors::of(self.1))
    }
}

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/async/transactions", post(create))
        .route("/async/transactions/{id}/confirm", post(confirm))
        .route("/transactions/{id}/cancel", post(cancel))
        .route("/transactions/{id}", get(one))
        .route("/transactions", get(list))
        .route("/products/{id}", get(product))
        .route("/products", get(products))
        .route("/balances", get(balances))
}

async fn create(
    State(app): State<App>,
    Path(carrier): Path<String>,
    headers: HeaderMap,
    body: Result<Json<CreateBody>, JsonRejection>,
) -> Answer {
    known(&headers)?;
    let Ok(Json(body)) = body else { return Err(No(400, 1_000_400)) };
    let key = body.credit_party_identifier.key().ok_or(No(400, 1_000_400))?;
    let line = books::line(&app.pool, app.clock.now(), &carrier, key).await.map_err(trouble)?;
    let line = line.filter(|line| line.state != "ended").ok_or(No(400, 1_005_003))?;
    let product = sold(&app, &carrier, body.product_id).await?;
    if queries::by_external_id(&app.pool, &carrier, &body.external_id).await.map_err(trouble)?.is_some() {
        return Err(No(400, 1_007_001));
    }
    if queries::available(&app.pool, &carrier).await.map_err(trouble)?.is_some_and(|left| left < product.cost_minor) {
        return Err(No(400, 1_006_001));
    }
    let wanted = Wanted {
        carrier,
        external_id: body.external_id,
        iccid: line.iccid,
        product: product.code,
        now: app.clock.now(),
        expires_at: app.clock.now() + app.config.held_for,
    };
    let created = queries::insert(&app.pool, &wanted).await.map_err(trouble)?;
    let created = created.ok_or(No(400, 1_007_001))?;
    if body.auto_confirm {
        return carry_out(&app, created, StatusCode::CREATED).await;
    }
    shown(&app, created, StatusCode::CREATED)
}

async fn confirm(State(app): State<App>, Path((carrier, id)): Path<(String, i64)>, headers: HeaderMap) -> Answer {
    known(&headers)?;
    let held = found(&app, &carrier, id).await?;
    match held.class(app.clock.now()) {
        wire::CANCELLED => Err(No(400, 1_007_005)),
        wire::CREATED if held.expires_at <= app.clock.now() => Err(No(400, 1_007_004)),
        wire::CREATED => carry_out(&app, held, StatusCode::OK).await,
        _ => Err(No(400, 1_007_002)),
    }
}

/// As every carrier does it; what went wrong before it was decided leaves the transaction as it was.
async fn carry_out(app: &App, held: Transaction, status: StatusCode) -> Answer {
    let ask = Ask {
        request_id: held.external_id.clone(),
        carrier: held.carrier.clone(),
        iccid: held.iccid.clone(),
        product: held.product.clone(),
        told: None,
    };
    match decide(app, ask).await {
        Ok(Decided::Renewal(_)) => {}
        Ok(Decided::Duplicate(_)) => return Err(No(400, 1_007_002)),
        Ok(Decided::NoCredit) => return Err(No(400, 1_006_001)),
        Ok(_) => return Err(No(400, 1_000_400)),
        Err(trouble) => return Ok(trouble),
    }
    let done = found(app, &held.carrier, held.id).await?;
    shown(app, done, status)
}

async fn cancel(State(app): State<App>, Path((carrier, id)): Path<(String, i64)>, headers: HeaderMap) -> Answer {
    known(&headers)?;
    match found(&app, &carrier, id).await?.class(app.clock.now()) {
        wire::CANCELLED => Err(No(400, 1_007_005)),
        wire::CREATED => {
            queries::cancel(&app.pool, &carrier, id, app.clock.now()).await.map_err(trouble)?;
            let cancelled = found(&app, &carrier, id).await?;
            shown(&app, cancelled, StatusCode::OK)
        }
        _ => Err(No(400, 1_007_007)),
    }
}

async fn one(State(app): State<App>, Path((carrier, id)): Path<(String, i64)>, headers: HeaderMap) -> Answer {
    known(&headers)?;
    let transaction = found(&app, &carrier, id).await?;
    shown(&app, transaction, StatusCode::OK)
}

#[derive(Deserialize)]
struct About {
    external_id: String,
}

async fn list(
    State(app): State<App>,
    Path(carrier): Path<String>,
    Query(about): Query<About>,
    headers: HeaderMap,
) -> Answer {
    known(&headers)?;
    let found = queries::by_external_id(&app.pool, &carrier, &about.external_id).await.map_err(trouble)?;
    let shown: Vec<_> = found.iter().map(|it| TransactionReply::of(it, app.clock.now())).collect();
    Ok(Json(shown).into_response())
}

async fn product(State(app): State<App>, Path((carrier, id)): Path<(String, u64)>, headers: HeaderMap) -> Answer {
    known(&headers)?;
    let product = sold(&app, &carrier, id).await?;
    Ok(Json(ProductReply::of(&product)).into_response())
}

/// What has no number is not sold here.
async fn products(State(app): State<App>, Path(carrier): Path<String>, headers: HeaderMap) -> Answer {
    known(&headers)?;
    let sold = books::products(&app.pool, &carrier).await.map_err(trouble)?;
    let shown: Vec<_> = sold.iter().filter_map(ProductReply::of).collect();
    Ok(Json(shown).into_response())
}

async fn balances(State(app): State<App>, Path(carrier): Path<String>, headers: HeaderMap) -> Answer {
    known(&headers)?;
    let credit = books::credit(&app.pool, &carrier).await.map_err(trouble)?;
    let left = queries::available(&app.pool, &carrier).await.map_err(trouble)?;
    let shown: Vec<_> = credit.zip(left).and_then(|((_, unit), left)| Balance::of(left, &unit)).into_iter().collect();
    Ok(Json(shown).into_response())
}

async fn sold(app: &App, carrier: &str, id: u64) -> Result<Product, No> {
    let product = books::product(&app.pool, carrier, &id.to_string()).await.map_err(trouble)?;
    product.ok_or(No(404, 1_003_001))
}

async fn found(app: &App, carrier: &str, id: i64) -> Result<Transaction, No> {
    queries::by_id(&app.pool, carrier, id).await.map_err(trouble)?.ok_or(No(404, 1_008_004))
}

fn shown(app: &App, transaction: Transaction, status: StatusCode) -> Answer {
    Ok(answer(status, TransactionReply::of(&transaction, app.clock.now())))
}

fn known(headers: &HeaderMap) -> Result<(), No> {
    let said = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
    let right = format!("Basic {}", STANDARD.encode(format!("{API_KEY}:{API_SECRET}")));
    if bool::from(said.ct_eq(right.as_bytes())) { Ok(()) } else { Err(No(401, 1_000_401)) }
}

fn trouble(cause: sqlx::Error) -> No {
    let _ = broken(&cause);
    No(500, 1_009_001)
}

fn answer(status: StatusCode, body: impl Serialize) -> Response {
    (status, Json(body)).into_response()
}
