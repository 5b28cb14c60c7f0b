//! Servers of profiles as they differ: ones with profiles of a type, ones that lose answers, ones that tell of downloads.

use std::sync::Arc;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use renewal_portal::carriers::es2plus::{Es2Plus, Settings};
use renewal_portal::router;
use renewal_portal::web::server::{self, Limits};
use serde_json::{Value, json};
use time::Duration;
use tokio::net::TcpListener;

use crate::profiles_support::{released, settings};
use crate::support::PATIENCE;
use crate::support::carrier_api::{Asked, Machine};
use crate::support::portal::TestPortal;

const FIRST: &str = "8985200111111111114";
const SECOND: &str = "8985200222222222228";

fn ordering_at(portal: &mut TestPortal, settings: &Settings) {
    let server = Arc::new(Es2Plus::new(settings, PATIENCE).unwrap());
    portal.app.carriers = portal.app.carriers.clone().with_profiles("cucc", server);
}

async fn ended(portal: &TestPortal) -> String {
    for _ in 0..60 {
        portal.work().await;
        let state = portal.text("select state from profile_orders").await.unwrap();
        if ["done", "refused", "failed"].contains(&state.as_str()) {
            return state;
        }
        portal.pass(Duration::seconds(10));
    }
    panic!("it never ended");
}

#[tokio::test]
async fn a_profile_of_a_type_has_an_iccid_of_its_own_and_the_line_stays_the_same() {
    let mut portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "104").await;
    portal.hold_the_sync().await;
    let by_type =
        Settings { profile_type: Some("prepaid".into()), ..settings(&format!("{}/cucc", portal.carrier_url())) };
    ordering_at(&mut portal, &by_type);
    let before = portal.iccid(line).await;
    portal
        .run("insert into simulator.profiles (carrier, iccid, state, matching_id) select carrier, iccid, 'released', 'OLD-1' from lines")
        .await;
    mei.browser.get(&format!("/lines/{line}")).await;
    mei.browser.post(&format!("/lines/{line}/profiles"), &[("purpose", "reissue")]).await;
    // A renewal that its carrier turns away for a while was asked for by the old ICCID.
    mei.buy(line, "P30", "pay").await;
    assert_eq!(ended(&portal).await, "done");
    let renewed_first =
        "select p.released_at >= v.finished_at and v.status = 'succeeded' from profile_orders p, provisionings v";
    let renewed_first: Option<bool> = sqlx::query_scalar(renewed_first).fetch_one(&portal.db.pool).await.unwrap();
    assert_eq!(renewed_first, Some(true), "the line kept its ICCID under the renewal");
    let now = portal.iccid(line).await;
    assert_ne!(now, before);
    let code = portal.text("select activation_code from lines").await.unwrap();
    assert!(code.ends_with(&released(&portal, &now).await));
    assert_eq!(portal.text("select iccid from line_iccids").await, Some(before));
    let old = "select state from simulator.profiles where matching_id is null";
    assert_eq!(portal.text(old).await.as_deref(), Some("unavailable"), "the old code installs nothing any more");
    assert_eq!(portal.count("select count(*) from lines").await, 1);
    assert_eq!(portal.text("select plan from lines").await.as_deref(), Some("P30"));
}

fn done(more: Value) -> Response {
    let mut body = json!({ "header": { "functionExecutionStatus": { "status": "Executed-Success" } } });
    more.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
    Json(body).into_response()
}

fn page() -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/html")], "<h1>Oops</h1>").into_response()
}

/// The first answer to each call never arrives as one.
fn forgetful(asked: &Asked, before: usize, iccid: &'static str) -> Response {
    match asked.path.rsplit('/').next().unwrap() {
        _ if before == 0 => page(),
        "downloadOrder" => done(json!({ "iccid": format!("{iccid}F") })),
        "confirmOrder" => done(json!({ "matchingId": body(asked)["matchingId"] })),
        _ => done(json!({})),
    }
}

fn body(asked: &Asked) -> Value {
    serde_json::from_slice(&asked.body).unwrap()
}

#[tokio::test]
async fn of_profiles_that_were_set_aside_one_is_released_and_every_call_has_an_id_of_its_own() {
    let machine = Machine::start(|asked, before| forgetful(asked, before, SECOND)).await;
    let mut portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    ordering_at(&mut portal, &Settings { profile_type: Some("prepaid".into()), ..settings(&machine.url) });
    mei.browser.get(&format!("/lines/{line}")).await;
    mei.browser.post(&format!("/lines/{line}/profiles"), &[("purpose", "reissue")]).await;
    assert_eq!(ended(&portal).await, "done");
    assert_eq!(portal.iccid(line).await, SECOND, "the filler is not a part of it");
    let asked = |function: &str| machine.asked(&format!("/gsma/rsp2/es2plus/{function}"));
    let confirmed: Vec<Value> = asked("confirmOrder").iter().map(|asked| body(asked)["iccid"].clone()).collect();
    assert_eq!(confirmed, [format!("{SECOND}F"), format!("{SECOND}F")]);
    assert_eq!(asked("downloadOrder").len(), 2);
    let all: Vec<Asked> =
        ["downloadOrder", "confirmOrder", "releaseProfile", "cancelOrder"].into_iter().flat_map(asked).collect();
    let ids: std::collections::BTreeSet<String> =
        all.iter().map(|asked| body(asked)["header"]["functionCallIdentifier"].to_string()).collect();
    assert_eq!((all.len(), ids.len()), (8, 8));
    assert!(all.iter().all(|asked| asked.headers["x-admin-protocol"].as_bytes().starts_with(b"gsma/rsp/v2.")));
    assert!(all.iter().all(|asked| body(asked)["header"]["functionRequesterIdentifier"] == "1.3.6.1.4.1.1"));
    assert_eq!(
        portal.text("select activation_code from lines").await.unwrap().split('$').nth(1),
        Some("smdp.cucc.example")
    );
}

#[tokio::test]
async fn an_iccid_that_somebody_else_has_is_given_back() {
    let machine = Machine::start(|asked, _| forgetful(asked, 1, FIRST)).await;
    let mut portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let other = portal.line(mei.account, "322").await;
    portal
        .run("update lines set iccid = '8985200111111111114', activation_code = 'LPA:1$smdp.old.example$OTHER'")
        .await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    let before = portal.iccid(line).await;
    ordering_at(&mut portal, &Settings { profile_type: Some("prepaid".into()), ..settings(&machine.url) });
    mei.browser.get(&format!("/lines/{line}")).await;
    mei.browser.post(&format!("/lines/{line}/profiles"), &[("purpose", "reissue")]).await;
    assert_eq!(ended(&portal).await, "refused");
    assert_eq!(portal.text("select refusal from profile_orders").await.as_deref(), Some("iccid_held"));
    assert_eq!((portal.iccid(line).await, portal.iccid(other).await), (before, FIRST.to_owned()));
    let cancelled = machine.asked("/gsma/rsp2/es2plus/cancelOrder");
    assert_eq!(body(&cancelled[0])["iccid"], format!("{FIRST}F"));
    assert!(machine.asked("/gsma/rsp2/es2plus/releaseProfile").is_empty());
}

#[tokio::test]
async fn a_code_that_is_asked_for_apart_is_shown_apart() {
    let mut portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    let with_code = Settings { confirmation_code: true, ..settings(&format!("{}/cucc", portal.carrier_url())) };
    ordering_at(&mut portal, &with_code);
    mei.browser.get(&format!("/lines/{line}")).await;
    let url = door(&portal).await;
    let mut there = mei.browser.moved_to(&url);
    there.post(&format!("/lines/{line}/profiles"), &[("purpose", "reissue")]).await;
    assert_eq!(ended(&portal).await, "done");
    let code = portal.text("select confirmation_code from lines").await.unwrap();
    assert!(code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    assert_eq!(portal.text("select confirmation_code from simulator.profiles").await, Some(code.clone()));
    let activation = portal.text("select activation_code from lines").await.unwrap();
    assert!(activation.ends_with("$$1") && !activation.contains(&code), "{activation}");
    assert!(mei.browser.get(&format!("/lines/{line}")).await.body.contains(&code));
}

/// The portal's pages with the carriers of the moment.
async fn door(portal: &TestPortal) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(server::serve(listener, router::pages(&portal.app, &[]), Limits::default(), std::future::pending()));
    url
}

#[tokio::test]
async fn what_the_server_tells_of_a_download_is_believed_by_its_secret_address_alone() {
    let mut portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.run("update lines set activation_code = 'LPA:1$smdp.old.example$OLD-1'").await;
    portal.hold_the_sync().await;
    let secret = "a-word-of-24-characters";
    let told = Settings { progress_secret: Some(secret.into()), ..settings(&format!("{}/cucc", portal.carrier_url())) };
    ordering_at(&mut portal, &told);
    let (url, http) = (door(&portal).await, reqwest::Client::builder().no_proxy().build().unwrap());
    let iccid = portal.iccid(line).await;
    let send = async |carrier: &str, word: &str, body: String| {
        let to = format!("{url}/webhooks/carriers/{carrier}/{word}/gsma/rsp2/es2plus/handleDownloadProgressInfo");
        let sent = http.post(to).header("content-type", "application/json").body(body).send().await.unwrap();
        sent.status().as_u16()
    };
    let progress = |point: i64, status: &str| {
        json!({ "header": { "functionRequesterIdentifier": "smdp", "functionCallIdentifier": "f-1" },
            "iccid": format!("{iccid}F"), "profileType": "prepaid", "timestamp": "2026-11-22T10:00:00Z",
            "notificationPointId": point, "notificationPointStatus": { "status": status } })
        .to_string()
    };
    let installed = progress(4, "Executed-Success");
    assert_eq!(send("cucc", "another-word-of-them", installed.clone()).await, 401);
    assert_eq!(send("cmcc", secret, installed.clone()).await, 401, "another carrier's");
    assert_eq!(send("nobody", secret, installed.clone()).await, 404);
    assert_eq!(send("cucc", secret, "{}".into()).await, 400);
    assert_eq!(portal.count("select count(*) from carrier_events").await, 0);

    assert_eq!(send("cucc", secret, progress(3, "Executed-Success")).await, 204);
    portal.work().await;
    assert_eq!(portal.count("select count(*) from lines where installed").await, 0, "downloaded is not installed");
    assert_eq!(send("cucc", secret, installed.clone()).await, 204);
    assert_eq!(send("cucc", secret, installed).await, 204);
    portal.work().await;
    assert_eq!(portal.count("select count(*) from lines where installed").await, 1);
    assert_eq!(portal.count("select count(*) from carrier_events").await, 2, "each once");
    let shown = mei.browser.get(&format!("/lines/{line}")).await.body;
    assert!(shown.contains("Installed on a device"), "{shown}");
}
