use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Json, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde::Serialize;
use time::OffsetDateTime;

use super::App;
use super::face::{Decided, broken, decide};
use super::from_afar;
use super::notify;
use super::queries;
use super::renew::Ask;
use super::wire::{ErrorReply, LineReply, ProductReply, QuoteBody, QuoteReply, RenewalBody, RenewalReply};
use super::{airalo, dt_one, es2plus, esim_access, esim_go, one_global, tm_forum};
use crate::calendar::Zone;

const LARGEST_REQUEST: usize = 64 * 1024;

pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/quotes", post(quote))
        .route("/v1/renewals", post(submit))
        .route("/v1/renewals/{request_id}", get(find))
        .route("/v1/lines/{carrier}/{iccid}", get(line))
        .nest("/{carrier}/airalo/v2", airalo::routes())
        .nest("/{carrier}/esim-access/api/v1/open", esim_access::routes())
        .nest("/{carrier}/dt-one/v1", dt_one::router())
        .nest("/{carrier}/esim-go/v2.5", esim_go::router())
        .route("/v1/products/{carrier}", get(products))
        .nest("/{carrier}/tmf-api", tm_forum::routes())
        .nest("/{carrier}/gsma/rsp2/es2plus", es2plus::routes())
        .nest("/{carrier}", one_global::routes())
        .route("/v1/lines/{carrier}/{iccid}/state", put(from_afar::change))
        .route("/v1/lines/{carrier}/{iccid}/usage", post(from_afar::consume))
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .with_state(app)
}

/// Every line looks renewable from here; what refuses does so when it comes to it.
async fn quote(State(app): State<App>, body: Result<Json<QuoteBody>, JsonRejection>) -> Response {
    let Ok(Json(body)) = body else {
        return error(StatusCode::BAD_REQUEST, "malformed");
    };
    if Zone::parse(&body.line.time_zone).is_err() {
        return error(StatusCode::BAD_REQUEST, "malformed");
    }
    let product = match queries::product(&app.pool, &body.line.carrier, &body.product).await {
        Ok(product) => product,
        Err(cause) => return broken(&cause),
    };
    Json(QuoteReply::of(app.config.prices.get(&body.product), product.as_ref())).into_response()
}

async fn submit(State(app): State<App>, body: Result<Json<RenewalBody>, JsonRejection>) -> Response {
    let Ok(Json(body)) = body else {
        return error(StatusCode::BAD_REQUEST, "malformed");
    };
    match told(&app, &body).await {
        Ok(()) => {}
        Err(cause) => return broken(&cause),
    }
    let ask = Ask {
        request_id: body.request_id,
        carrier: body.line.carrier,
        iccid: body.line.iccid,
        product: body.product,
        told: Some((body.effect, body.term)),
    };
    match decide(&app, ask).await {
        Ok(decided) => {
            if let Decided::Renewal(renewal) = &decided {
                notify::of_renewal(&app, renewal);
            }
            shown(decided, app.clock.now())
        }
        Err(trouble) => trouble,
    }
}

async fn told(app: &App, body: &RenewalBody) -> sqlx::Result<()> {
    queries::be_told(&mut *app.pool.acquire().await?, &body.line).await
}

fn shown(decided: Decided, now: OffsetDateTime) -> Response {
    match decided {
        Decided::Renewal(renewal) => {
            let reply = RenewalReply::of(renewal, now);
            answer(StatusCode::from_u16(reply.http_status()).unwrap_or_default(), reply)
        }
        Decided::Duplicate(first) => answer(StatusCode::CONFLICT, ErrorReply::duplicate(RenewalReply::of(first, now))),
        Decided::Reused => error(StatusCode::CONFLICT, "request_id_reused"),
        Decided::NoCredit => error(StatusCode::PAYMENT_REQUIRED, "no_credit"),
        Decided::NoSuchLine | Decided::NoSuchProduct | Decided::Malformed => {
            error(StatusCode::BAD_REQUEST, "malformed")
        }
    }
}

async fn find(State(app): State<App>, Path(request_id): Path<String>) -> Response {
    let found = async { queries::renewal(&mut *app.pool.acquire().await?, &request_id).await };
    match found.await {
        Ok(Some(renewal)) => Json(RenewalReply::of(renewal, app.clock.now())).into_response(),
        Ok(None) => error(StatusCode::NOT_FOUND, "unknown_request"),
        Err(cause) => broken(&cause),
    }
}

async fn line(State(app): State<App>, Path((carrier, iccid)): Path<(String, String)>) -> Response {
    match queries::line(&app.pool, app.clock.now(), &carrier, &iccid).await {
        Ok(Some(line)) => Json(LineReply::of(line, app.clock.now())).into_response(),
        Ok(None) => error(StatusCode::NOT_FOUND, "unknown_line"),
        Err(cause) => broken(&cause),
    }
}

async fn products(State(app): State<App>, Path(carrier): Path<String>) -> Response {
    match queries::products(&app.pool, &carrier).await {
        Ok(products) => Json(products.into_iter().map(ProductReply::of).collect::<Vec<_>>()).into_response(),
        Err(cause) => broken(&cause),
    }
}

pub fn error(status: StatusCode, code: &'static str) -> Response {
    answer(status, ErrorReply::new(code))
}

fn answer(status: StatusCode, body: impl Serialize) -> Response {
    (status, Json(body)).into_response()
}
