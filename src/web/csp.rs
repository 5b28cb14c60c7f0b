//! `POST /csp-reports`: what browsers refused because of our Content-Security-Policy. Anybody can send one, and an address or
//! a snippet of a page says who was there; so little is read, less is logged, and not often.

use super::PageError;
use super::client::Client;
use super::limits::{self, Denied, Rate};
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use sqlx::PgPool;

pub const PATH: &str = "/csp-reports";
/// Bytes and reports one delivery may have.
pub const LARGEST: usize = 16 * 1024;
const MOST: usize = 5;

const OF_ONE: Rate = Rate { at_once: 10, one_per: 30 };
const OF_ALL: Rate = Rate { at_once: 100, one_per: 1 };

/// What is kept of a report.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    directive: String,
    blocked: String,
    page: String,
}

/// A browser that is told to stop sends no more; whatever it sent, there is nothing to say to it.
pub async fn receive(State(pool): State<PgPool>, client: Client, body: Body) -> Response {
    for (who, rate) in [(client.to_string(), OF_ONE), ("all".to_owned(), OF_ALL)] {
        match limits::allow(&pool, "csp", &who, rate).await {
            Ok(()) => {}
            Err(Denied::TooOften(retry)) => {
                return PageError::TooMany { retry_after_seconds: retry.seconds.into() }.into_response();
            }
            Err(Denied::Database(error)) => return PageError::from(error).into_response(),
        }
    }
    let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let Some(reports) = read(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    for Report { directive, blocked, page } in reports {
        metrics::counter!("csp_reports_total").increment(1);
        tracing::warn!(directive, blocked, page, "a browser refused something on one of our pages");
    }
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Deserialize)]
struct Said {
    #[serde(alias = "effective-directive", alias = "effectiveDirective")]
    directive: Option<String>,
    #[serde(rename = "violated-directive")]
    violated: Option<String>,
    #[serde(alias = "blocked-uri", alias = "blockedURL")]
    blocked: Option<String>,
    #[serde(alias = "document-uri", alias = "documentURL")]
    document: Option<String>,
}

/// `report-uri` sends one report, `report-to` a list of them. `None`: neither.
pub fn read(body: &[u8]) -> Option<Vec<Report>> {
    let said: Vec<Value> = match serde_json::from_slice(body).ok()? {
        Value::Object(mut one) => vec![one.remove("csp-report")?],
        Value::Array(list) => {
            let is_ours = |report: &Value| report["type"] == "csp-violation";
            list.into_iter().filter(is_ours).take(MOST).map(|mut report| report["body"].take()).collect()
        }
        _ => return None,
    };
    said.into_iter().map(|said| serde_json::from_value(said).ok().map(Report::of)).collect()
}

impl Report {
    fn of(said: Said) -> Self {
        Self {
            directive: word(said.directive.or(said.violated).unwrap_or_default().split(' ').next().unwrap_or_default()),
            blocked: origin(&said.blocked.unwrap_or_default()),
            page: page(&said.document.unwrap_or_default()),
        }
    }
}

fn word(text: &str) -> String {
    let plain = !text.is_empty() && text.len() <= 30 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if plain { text.to_owned() } else { "…".into() }
}

/// `inline`, `eval` and their like, or who it belongs to; never which page of theirs.
fn origin(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return word(text) };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let plain = host.len() <= 100 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    if plain { format!("{}://{host}", word(scheme)) } else { "…".into() }
}

/// Which of our pages: words stay, ids, tokens and what was asked for do not.
fn page(text: &str) -> String {
    let after_host = text.split_once("://").map_or(text, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let path = after_host.split(['?', '#']).next().unwrap_or_default();
    path.split('/')
        .take(8)
        .map(|part| if part.is_empty() { String::new() } else { word(part) })
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::{MOST, read};
    use serde_json::json;

    fn told(body: serde_json::Value) -> Vec<String> {
        let reports = read(body.to_string().as_bytes()).unwrap();
        reports.into_iter().map(|r| format!("{} {} {}", r.directive, r.blocked, r.page)).collect()
    }

    #[test]
    fn both_ways_to_report_are_read_and_say_who_nobody_is() {
        let old = json!({ "csp-report": { "document-uri": "https://renew.example/password/reset/9dmJ2kP0qLx?email=mei@post.example",
            "violated-directive": "script-src-elem 'self'", "blocked-uri": "https://mei:secret@evil.example/x.js?card=4111111111111111",
            "script-sample": "alert('mei')" } });
        assert_eq!(told(old), ["script-src-elem https://evil.example /password/reset/…"]);
        let new = json!([{ "type": "csp-violation", "age": 1, "body": { "documentURL": "https://renew.example/orders/0190-ab/pay",
            "effectiveDirective": "style-src", "blockedURL": "inline", "sample": "x" } }, { "type": "deprecation", "body": {} }]);
        assert_eq!(told(new), ["style-src inline /orders/…/pay"]);
    }

    #[test]
    fn what_is_made_up_is_left_out() {
        let many = json!(vec![
            json!({ "type": "csp-violation", "body": { "effectiveDirective": "a\nb", "blockedURL": "x y",
            "documentURL": "Mei Fang" } });
            50
        ]);
        assert_eq!(told(many), vec!["… … …"; MOST]);
        for broken in ["", "{}", "[1]", "7", "{\"csp-report\": 7}", "nonsense"] {
            assert!(read(broken.as_bytes()).is_none_or(|reports| reports.is_empty()), "{broken}");
        }
    }
}
