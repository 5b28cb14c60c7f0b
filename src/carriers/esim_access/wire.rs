//! The envelope around every answer: HTTP says 200, and `success` what came of it.

use axum::http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::carriers::{CarrierError, Refusal, Reply};

/// How long a transaction id may be is not published; other partners use up to this.
const LONGEST_ID: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    success: Value,
    error_code: Option<Value>,
    obj: Option<Value>,
}

/// The same for the same request, and our request id itself wherever it is short enough.
pub fn transaction_id(request_id: &str) -> String {
    match request_id.len() {
        0..=LONGEST_ID => request_id.to_owned(),
        _ => hex::encode(Sha256::digest(request_id)).chars().take(LONGEST_ID).collect(),
    }
}

pub fn open<T: DeserializeOwned>(reply: &Reply) -> Result<Result<T, Refusal>, CarrierError> {
    if reply.status != StatusCode::OK {
        return Err(reply.failure());
    }
    let envelope: Envelope = reply.json()?;
    match text(&envelope.success).as_str() {
        "true" => {
            let content = serde_json::from_value(envelope.obj.unwrap_or_default());
            content.map(Ok).map_err(|error| CarrierError::unknown(format!("an answer we can't read: {error}")))
        }
        "false" => refusal(&envelope.error_code.as_ref().map(text).unwrap_or_default()).map(Err),
        _ => Err(CarrierError::unknown("an answer that says neither yes nor no")),
    }
}

/// Both `true` and `"true"` are sent, and codes with and without quotes.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A code that we don't know is no word on what was done.
fn refusal(code: &str) -> Result<Refusal, CarrierError> {
    let what = || format!("code {}", code.chars().take(20).collect::<String>());
    match code {
        "200007" => Err(CarrierError::NoCredit),
        // The line is still being made.
        "200010" => Err(CarrierError::Unavailable(what())),
        "101001" | "101002" | "101003" => Err(CarrierError::Misconfigured(what())),
        "000101" | "000102" | "000103" | "000104" | "000105" | "000106" | "000107" => {
            Err(CarrierError::Misconfigured(what()))
        }
        "200002" => Ok(Refusal::NotRenewable),
        "310241" | "310243" => Ok(Refusal::UnknownProduct),
        "310403" | "310409" => Ok(Refusal::UnknownLine),
        _ => Err(CarrierError::Unknown(what())),
    }
}

#[cfg(test)]
pub fn reply(status: u16, body: &str) -> Reply {
    Reply { status: StatusCode::from_u16(status).unwrap_or_default(), body: body.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(body: &str) -> Result<Result<Value, Refusal>, CarrierError> {
        open(&reply(200, body))
    }

    #[test]
    fn our_own_id_is_sent_and_a_long_one_is_shortened_the_same_way_each_time() {
        let ours = format!("order:{}:renew", uuid::Uuid::nil());
        assert_eq!(transaction_id(&ours), ours);
        let long = transaction_id(&"x".repeat(51));
        assert_eq!((long.len(), &long), (50, &transaction_id(&"x".repeat(51))));
        assert_ne!(long, transaction_id(&"x".repeat(52)));
    }

    #[test]
    fn success_says_what_came_of_it() {
        for yes in [r#"{"success":true,"obj":{"a":1}}"#, r#"{"success":"true","errorCode":"0","obj":{"a":1}}"#] {
            assert_eq!(opened(yes).unwrap().unwrap()["a"], 1);
        }
        let no = |code: &str| opened(&format!(r#"{{"success":false,"errorCode":{code},"errorMsg":"so","obj":null}}"#));
        assert_eq!(no("\"200007\""), Err(CarrierError::NoCredit));
        assert_eq!(no("200007"), Err(CarrierError::NoCredit));
        assert!(matches!(no("\"200010\""), Err(CarrierError::Unavailable(_))));
        for ours in ["\"101001\"", "\"101003\"", "\"000104\""] {
            assert!(matches!(no(ours), Err(CarrierError::Misconfigured(_))), "{ours}");
        }
        assert_eq!(no("\"200002\""), Ok(Err(Refusal::NotRenewable)));
        assert_eq!(no("\"310241\""), Ok(Err(Refusal::UnknownProduct)));
        assert_eq!(no("\"310403\""), Ok(Err(Refusal::UnknownLine)));
        for unclear in ["\"900001\"", "\"200999\"", "null", "{}"] {
            assert!(matches!(no(unclear), Err(CarrierError::Unknown(_))), "{unclear}");
        }
    }

    #[test]
    fn anything_else_is_no_answer() {
        for body in ["", "{}", "[]", r#"{"success":"maybe"}"#, r#"{"success":null}"#, r#"{"success":true,"obj":"#] {
            assert!(matches!(opened(body), Err(CarrierError::Unknown(_))), "{body}");
        }
        assert!(matches!(open::<Value>(&reply(500, "{}")), Err(CarrierError::Unknown(_))));
        assert!(matches!(open::<Value>(&reply(401, "{}")), Err(CarrierError::Misconfigured(_))));
    }
}
