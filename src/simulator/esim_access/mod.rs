//! The carrier as eSIM Access shows it. Every top-up that arrives is done, however often it comes, up to ten for a line.

mod signature;
mod wire;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};

use self::signature::Signed;
use super::App;
use super::face::{Decided, broken, decide, numbered};
use super::queries::{self, Line};
use super::renew::Ask;

/// What whoever rehearses calls itself.
pub const ACCESS_CODE: &str = "rehearsal";
pub const SECRET_KEY: &str = "rehearsal-of-esim-access";

const MOST_TOP_UPS: usize = 10;

const NOT_ALLOWED: &str = "200002";
const NO_CREDIT: &str = "200007";
const ABNORMAL: &str = "200009";
const NO_SUCH_PACKAGE: &str = "310241";
const NO_SUCH_LINE: &str = "310403";
const MALFORMED: &str = "000104";
const MISSING: &str = "000105";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/package/list", post(packages))
        .route("/balance/query", post(balance))
        .route("/esim/query", post(query))
        .route("/esim/usage/query", post(usage))
        .route("/esim/topup", post(top_up))
        .route("/esim/suspend", post(suspend))
        .route("/esim/unsuspend", post(unsuspend))
}

async fn packages(State(app): State<App>, Path(carrier): Path<String>, Signed(body): Signed) -> Response {
    if let Some(iccid) = body["iccid"].as_str() {
        match queries::line(&app.pool, app.clock.now(), &carrier, iccid).await {
            Ok(Some(_)) => {}
            Ok(None) => return wire::refused(NO_SUCH_LINE),
            Err(cause) => return broken(&cause),
        }
    }
    match queries::products(&app.pool, &carrier).await {
        Ok(products) => {
            let listed: Vec<Value> = products.iter().filter_map(|product| wire::package(product).ok()).collect();
            wire::done(json!({ "packageList": listed }))
        }
        Err(cause) => broken(&cause),
    }
}

async fn balance(State(app): State<App>, Path(carrier): Path<String>, Signed(_): Signed) -> Response {
    match queries::credit(&app.pool, &carrier).await {
        Ok(credit) => wire::done(json!({ "balance": credit.map_or(1_000_000_000, |(minor, _)| minor * 100) })),
        Err(cause) => broken(&cause),
    }
}

async fn query(State(app): State<App>, Path(carrier): Path<String>, Signed(body): Signed) -> Response {
    let Some(key) = body["esimTranNo"].as_str().or(body["iccid"].as_str()) else { return wire::refused(MISSING) };
    if body["pager"]["pageSize"].as_u64().is_none() {
        return wire::refused(MISSING);
    }
    match queries::line(&app.pool, app.clock.now(), &carrier, key).await {
        Ok(line) => {
            let now = app.clock.now();
            let listed: Vec<Value> = line.iter().map(|line| wire::profile(line, now)).collect();
            wire::done(json!({ "esimList": listed, "pager": { "pageNum": 1, "pageSize": 50, "total": listed.len() } }))
        }
        Err(cause) => broken(&cause),
    }
}

async fn usage(State(app): State<App>, Path(carrier): Path<String>, Signed(body): Signed) -> Response {
    let keys: Vec<&str> = body["esimTranNoList"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut listed = vec![];
    for key in keys.into_iter().take(10) {
        match queries::line(&app.pool, app.clock.now(), &carrier, key).await {
            Ok(line) => listed.extend(line.map(|line| wire::usage(&line, app.clock.now()))),
            Err(cause) => return broken(&cause),
        }
    }
    wire::done(json!({ "esimUsageList": listed }))
}

async fn top_up(State(app): State<App>, Path(carrier): Path<String>, Signed(body): Signed) -> Response {
    let field = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let (Some(key), Some(product), Some(transaction)) =
        (field("esimTranNo"), field("packageCode"), field("transactionId"))
    else {
        return wire::refused(MISSING);
    };
    let line = match may_be_topped_up(&app, &carrier, &key).await {
        Ok(line) => line,
        Err(response) => return response,
    };
    let request_id = match numbered(&app, &transaction).await {
        Ok(request_id) => request_id,
        Err(response) => return response,
    };
    let ask = Ask { request_id, carrier: carrier.clone(), iccid: line.iccid, product, told: None };
    match decide(&app, ask).await {
        Ok(decided) => shown(&app, &carrier, &key, &transaction, decided).await,
        Err(trouble) => trouble,
    }
}

async fn may_be_topped_up(app: &App, carrier: &str, key: &str) -> Result<Line, Response> {
    let line = match queries::line(&app.pool, app.clock.now(), carrier, key).await {
        Ok(Some(line)) => line,
        Ok(None) => return Err(wire::refused(NO_SUCH_LINE)),
        Err(cause) => return Err(broken(&cause)),
    };
    let renewals = queries::renewals_of(&app.pool, carrier, &line.iccid).await.map_err(|cause| broken(&cause))?;
    let done = renewals.iter().filter(|renewal| renewal.refused.is_none()).count();
    let takes = matches!(wire::status(&line, app.clock.now()), "GOT_RESOURCE" | "IN_USE" | "USED_UP");
    if takes && done < MOST_TOP_UPS { Ok(line) } else { Err(wire::refused(NOT_ALLOWED)) }
}

async fn shown(app: &App, carrier: &str, key: &str, transaction: &str, decided: Decided) -> Response {
    match decided {
        Decided::Renewal(renewal) if renewal.refused.is_some() => wire::refused(NOT_ALLOWED),
        Decided::Renewal(renewal) => match queries::line(&app.pool, app.clock.now(), carrier, key).await {
            Ok(Some(line)) => wire::done(wire::topped_up(&line, transaction, renewal.number)),
            Ok(None) => wire::refused(NO_SUCH_LINE),
            Err(cause) => broken(&cause),
        },
        Decided::Duplicate(_) | Decided::Reused => wire::refused(ABNORMAL),
        Decided::NoCredit => wire::refused(NO_CREDIT),
        Decided::NoSuchLine => wire::refused(NO_SUCH_LINE),
        Decided::NoSuchProduct => wire::refused(NO_SUCH_PACKAGE),
        Decided::Malformed => wire::refused(MALFORMED),
    }
}

async fn suspend(State(app): State<App>, Path(carrier): Path<String>, Signed(body): Signed) -> Response {
    changed(&app, &carrier, &body, &["active", "depleted"], "suspended").await
}

async fn unsuspend(State(app): State<App>, Path(carrier): Path<String>, Signed(body): Signed) -> Response {
    changed(&app, &carrier, &body, &["suspended"], "active").await
}

async fn changed(app: &App, carrier: &str, body: &Value, from: &[&str], to: &str) -> Response {
    let Some(key) = body["esimTranNo"].as_str() else { return wire::refused(MISSING) };
    match queries::change_state(&app.pool, carrier, key, from, to).await {
        Ok(true) => wire::done(json!({})),
        Ok(false) => wire::refused(NOT_ALLOWED),
        Err(cause) => broken(&cause),
    }
}
