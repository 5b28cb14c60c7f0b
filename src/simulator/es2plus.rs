//! GSMA ES2+ over the carriers' books: a server of eSIM profiles (SM-DP+), in plain HTTP. Every answer is 200 and says in its
//! header what became of the call. A call that was done before is refused as taken, as real servers do.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Router, response::Html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::face::{broken, say_nothing};
use super::magic::Magic;
use super::queries::{self, Profile};
use crate::{ids, numbers};

/// How many profiles of a type are looked for before there are none left.
const LOOKS: u8 = 20;

pub fn routes() -> Router<App> {
    Router::new().route("/{function}", post(call))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    header: Header,
    iccid: Option<String>,
    eid: Option<String>,
    profile_type: Option<String>,
    matching_id: Option<String>,
    confirmation_code: Option<String>,
    #[serde(default)]
    release_flag: bool,
    final_profile_status_indicator: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    function_requester_identifier: String,
    function_call_identifier: String,
}

/// What is wrong, and why, as SGP.22 numbers them.
type Failure = (&'static str, &'static str);
const ICCID_UNKNOWN: Failure = ("8.2.1", "3.9");
const NOT_ALLOWED: Failure = ("8.2.1", "1.2");
const IN_USE: Failure = ("8.2.1", "3.3");
const INVALID_TRANSITION: Failure = ("8.2.1", "3.5");
const MATCHING_ID_IN_USE: Failure = ("8.2.6", "3.3");
const OTHER_DEVICE: Failure = ("8.1.1", "3.10");
const NO_PROFILE_LEFT: Failure = ("8.2.5", "3.7");

async fn call(
    State(app): State<App>,
    Path((carrier, function)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Json<Call>, JsonRejection>,
) -> Response {
    let speaks = headers.get("x-admin-protocol").is_some_and(|value| value.as_bytes().starts_with(b"gsma/rsp/v2."));
    let Ok(Json(call)) = body else { return StatusCode::BAD_REQUEST.into_response() };
    let named =
        !call.header.function_requester_identifier.is_empty() && !call.header.function_call_identifier.is_empty();
    if !speaks || !named {
        return StatusCode::BAD_REQUEST.into_response();
    }
    match answer(&app, &carrier, &function, &call).await {
        Ok(answer) => answer,
        Err(cause) => broken(&cause),
    }
}

/// The line's number chooses how it goes, the first time a function is called for it.
async fn answer(app: &App, carrier: &str, function: &str, call: &Call) -> sqlx::Result<Response> {
    let iccid = call.iccid.as_deref().map(|iccid| iccid.trim_end_matches('F'));
    let line = match iccid {
        Some(iccid) => queries::line(&app.pool, app.clock.now(), carrier, iccid).await?,
        None => None,
    };
    let magic = Magic::of(line.as_ref().and_then(|line| line.msisdn.as_deref()));
    let key = format!("es2plus/{carrier}/{}/{function}", iccid.unwrap_or("-"));
    let tries = queries::count_try(&mut *app.pool.acquire().await?, &key).await?;
    let is_first = tries == 1;
    match magic {
        Magic::SilentlyNot if is_first => return Ok(say_nothing(app).await),
        Magic::Refuses => return Ok(told("Failed", Err(NOT_ALLOWED))),
        Magic::Unavailable if is_first => return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response()),
        Magic::ErrorPage if is_first => return Ok(Html("<!doctype html><title>Oops</title>").into_response()),
        Magic::Slow => tokio::time::sleep(app.config.usual.1).await,
        _ => {}
    }
    let mut tx = crate::db::begin(&app.pool).await?;
    let outcome = match function {
        "downloadOrder" => download_order(&mut tx, carrier, iccid, line.is_some(), call).await?,
        "confirmOrder" => confirm_order(&mut tx, carrier, iccid, call).await?,
        "cancelOrder" => cancel_order(&mut tx, carrier, iccid, call).await?,
        "releaseProfile" => release_profile(&mut tx, carrier, iccid).await?,
        _ => return Ok(StatusCode::NOT_FOUND.into_response()),
    };
    tx.commit().await?;
    Ok(match magic {
        Magic::SilentlyDone if is_first => say_nothing(app).await,
        Magic::Short if is_first => told("Expired", Err(IN_USE)),
        _ if outcome.is_ok() => told("Executed-Success", outcome),
        _ => told("Failed", outcome),
    })
}

fn told(status: &str, outcome: Result<Value, Failure>) -> Response {
    let mut header = json!({ "functionExecutionStatus": { "status": status } });
    let mut body = match outcome {
        Ok(body) => body,
        Err((subject, reason)) => {
            header["functionExecutionStatus"]["statusCodeData"] =
                json!({ "subjectCode": subject, "reasonCode": reason, "message": "as rehearsed" });
            json!({})
        }
    };
    body["header"] = header;
    Json(body).into_response()
}

type Outcome = sqlx::Result<Result<Value, Failure>>;

async fn download_order(
    conn: &mut sqlx::PgConnection,
    carrier: &str,
    iccid: Option<&str>,
    is_known: bool,
    call: &Call,
) -> Outcome {
    let iccid = match (iccid, &call.profile_type) {
        (Some(_), _) if !is_known => return Ok(Err(ICCID_UNKNOWN)),
        (Some(iccid), _) => iccid.to_owned(),
        (None, Some(_)) => match unused(conn, carrier).await? {
            Some(iccid) => iccid,
            None => return Ok(Err(NO_PROFILE_LEFT)),
        },
        (None, None) => return Ok(Err(("8.2.1", "2.2"))),
    };
    let held = queries::lock_profile(conn, carrier, &iccid).await?;
    if held.is_some_and(|profile| profile.state != "available") {
        return Ok(Err(IN_USE));
    }
    let profile = Profile {
        carrier: carrier.to_owned(),
        iccid: iccid.clone(),
        state: if call.eid.is_some() { "linked" } else { "allocated" }.to_owned(),
        eid: call.eid.clone(),
        matching_id: None,
        confirmation_code: None,
        profile_type: call.profile_type.clone(),
    };
    queries::save_profile(conn, &profile).await?;
    Ok(Ok(json!({ "iccid": padded(&iccid) })))
}

/// Nineteen digits that no profile has yet.
async fn unused(conn: &mut sqlx::PgConnection, carrier: &str) -> sqlx::Result<Option<String>> {
    for _ in 0..LOOKS {
        let mut random = [0u8; 11];
        ids::fill_random(&mut random);
        let digits: String = random.iter().map(|byte| char::from(b'0' + byte % 10)).collect();
        let body = format!("8985200{digits}");
        let check = ('0'..='9').find(|digit| numbers::luhn(&format!("{body}{digit}")));
        let iccid = format!("{body}{}", check.unwrap_or('0'));
        if queries::lock_profile(conn, carrier, &iccid).await?.is_none() {
            return Ok(Some(iccid));
        }
    }
    Ok(None)
}

async fn confirm_order(conn: &mut sqlx::PgConnection, carrier: &str, iccid: Option<&str>, call: &Call) -> Outcome {
    let Some(profile) = queries::lock_profile(conn, carrier, iccid.unwrap_or_default()).await? else {
        return Ok(Err(ICCID_UNKNOWN));
    };
    if profile.eid.is_some() && call.eid.is_some() && profile.eid != call.eid {
        return Ok(Err(OTHER_DEVICE));
    }
    let matching_id = call.matching_id.clone().unwrap_or_else(|| ids::readable(20));
    if queries::has_matching_id(conn, &matching_id).await? {
        return Ok(Err(MATCHING_ID_IN_USE));
    }
    if !matches!(profile.state.as_str(), "allocated" | "linked") {
        return Ok(Err(INVALID_TRANSITION));
    }
    let confirmed = Profile {
        state: if call.release_flag { "released" } else { "confirmed" }.to_owned(),
        matching_id: Some(matching_id.clone()),
        confirmation_code: call.confirmation_code.clone(),
        eid: call.eid.clone().or(profile.eid.clone()),
        ..profile
    };
    queries::save_profile(conn, &confirmed).await?;
    let address = format!("smdp.{}.example", carrier.replace('_', "-"));
    Ok(Ok(json!({ "matchingId": matching_id, "smdpAddress": address, "eid": confirmed.eid })))
}

async fn cancel_order(conn: &mut sqlx::PgConnection, carrier: &str, iccid: Option<&str>, call: &Call) -> Outcome {
    let Some(profile) = queries::lock_profile(conn, carrier, iccid.unwrap_or_default()).await? else {
        return Ok(Err(ICCID_UNKNOWN));
    };
    let state = match (call.final_profile_status_indicator.as_deref(), profile.state.as_str()) {
        (Some("Available" | "Unavailable"), "available" | "unavailable") => return Ok(Err(INVALID_TRANSITION)),
        (Some("Available"), _) => "available",
        (Some("Unavailable"), _) => "unavailable",
        _ => return Ok(Err(("8.2.1", "2.2"))),
    };
    let cancelled =
        Profile { state: state.to_owned(), eid: None, matching_id: None, confirmation_code: None, ..profile };
    queries::save_profile(conn, &cancelled).await?;
    Ok(Ok(json!({})))
}

async fn release_profile(conn: &mut sqlx::PgConnection, carrier: &str, iccid: Option<&str>) -> Outcome {
    match queries::lock_profile(conn, carrier, iccid.unwrap_or_default()).await? {
        None => Ok(Err(ICCID_UNKNOWN)),
        Some(profile) if profile.state == "confirmed" => {
            queries::save_profile(conn, &Profile { state: "released".to_owned(), ..profile }).await?;
            Ok(Ok(json!({})))
        }
        Some(_) => Ok(Err(INVALID_TRANSITION)),
    }
}

fn padded(iccid: &str) -> String {
    if iccid.len() == 19 { format!("{iccid}F") } else { iccid.to_owned() }
}
