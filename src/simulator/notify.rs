//! What the carriers tell the portal of their own accord, signed. Nobody there to hear it is no trouble of theirs.

use std::time::Duration;

use axum::http::Method;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use serde::Serialize;
use sha2::Sha256;

use super::queries::{Line, Renewal};
use super::{App, Listener};
use crate::http_client::Http;
use crate::ids;

const TIMEOUT: Duration = Duration::from_secs(5);
const TRIES: [u64; 4] = [0, 1, 5, 30];

#[derive(Serialize)]
struct Event<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: &'a str,
    iccid: &'a str,
    line_id: Option<&'a str>,
    request_id: Option<&'a str>,
}

pub fn of_line(app: &App, kind: &str, line: &Line) {
    let event =
        Event { id: ids::readable(20), kind, iccid: &line.iccid, line_id: Some(&line.line_id), request_id: None };
    send(app, &line.carrier, &event, Duration::ZERO);
}

/// When it is done, and not before.
pub fn of_renewal(app: &App, renewal: &Renewal) {
    let id = format!("renewal-{}", renewal.number);
    let event =
        Event { id, kind: "renewal", iccid: &renewal.iccid, line_id: None, request_id: Some(&renewal.request_id) };
    let wait = Duration::try_from(renewal.due_at - app.clock.now()).unwrap_or_default();
    send(app, &renewal.carrier, &event, wait);
}

fn send(app: &App, carrier: &str, event: &Event<'_>, wait: Duration) {
    let (Some(listener), Ok(body)) = (app.config.listener.clone(), serde_json::to_vec(event)) else { return };
    let carrier = carrier.to_owned();
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        for pause in TRIES {
            tokio::time::sleep(Duration::from_secs(pause)).await;
            if deliver(&listener, &carrier, &body).await {
                return;
            }
        }
        tracing::warn!(carrier, "a notice of the carrier simulator was not taken");
    });
}

async fn deliver(listener: &Listener, carrier: &str, body: &[u8]) -> bool {
    let (Ok(http), Some(signature)) = (Http::new(TIMEOUT), signature(listener, body)) else { return false };
    let request = http
        .request(Method::POST, format!("{}/{carrier}", listener.address))
        .header("content-type", "application/json")
        .header("simulator-signature", signature)
        .body(body.to_vec());
    http.send(request).await.is_ok_and(|answer| answer.status.is_success())
}

/// Hex HMAC-SHA256 over the body as it is sent.
fn signature(listener: &Listener, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(listener.secret.expose_secret().as_bytes()).ok()?;
    mac.update(body);
    Some(hex::encode(mac.finalize().into_bytes()))
}
