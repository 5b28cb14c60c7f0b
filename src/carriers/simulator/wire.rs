//! What goes over the wire, and what an answer means.

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use time::Date;

use crate::carriers::{Answer, CarrierError, LineRef, Quote, Refusal, RenewalRequest};
use crate::money::{Currency, Money};
use crate::plans::effect::Effect;
use crate::plans::term::Term;

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

#[derive(Serialize)]
pub struct QuoteBody<'a> {
    pub line: &'a LineRef,
    pub product: &'a str,
}

#[derive(Serialize)]
pub struct RenewalBody<'a> {
    request_id: &'a str,
    line: &'a LineRef,
    product: &'a str,
    effect: Effect,
    term: Term,
}

impl<'a> From<&'a RenewalRequest> for RenewalBody<'a> {
    fn from(request: &'a RenewalRequest) -> Self {
        RenewalBody {
            request_id: &request.request_id,
            line: &request.line,
            product: &request.product,
            effect: request.effect,
            term: request.term,
        }
    }
}

/// An answer that came whole, within the limit and as JSON.
pub struct Reply {
    pub status: StatusCode,
    pub body: Vec<u8>,
}

#[derive(Deserialize)]
struct QuoteReply {
    eligible: bool,
    reason: Option<String>,
    price_minor: Option<i64>,
    currency: Option<Currency>,
}

#[derive(Deserialize)]
struct RenewalReply {
    request_id: String,
    #[serde(flatten)]
    state: RenewalState,
}

#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum RenewalState {
    Accepted,
    Done {
        #[serde(with = "iso_date")]
        valid_until: Date,
    },
    Refused {
        reason: String,
    },
}

#[derive(Deserialize)]
struct ErrorReply {
    error: ErrorDetail,
}

#[derive(Deserialize)]
struct ErrorDetail {
    code: String,
    renewal: Option<RenewalReply>,
}

impl Reply {
    pub fn quote(&self) -> Result<Quote, CarrierError> {
        if self.status != StatusCode::OK {
            return Err(self.failure());
        }
        let reply: QuoteReply = self.json()?;
        let reason = reply.reason.as_deref().unwrap_or("not_renewable");
        let eligible = if reply.eligible { Ok(()) } else { Err(Refusal::parse(reason)) };
        let price = match (reply.price_minor, reply.currency) {
            (Some(minor), Some(currency)) => Some(Money::new(minor, currency)),
            (None, None) => None,
            _ => return Err(unknown("half a price")),
        };
        Ok(Quote { eligible, price })
    }

    pub fn submitted(&self, request_id: &str) -> Result<Answer, CarrierError> {
        match self.status {
            StatusCode::OK | StatusCode::ACCEPTED | StatusCode::UNPROCESSABLE_ENTITY => {
                self.json::<RenewalReply>()?.answer(request_id)
            }
            StatusCode::CONFLICT => self.duplicate(request_id),
            _ => Err(self.failure()),
        }
    }

    pub fn found(&self, request_id: &str) -> Result<Option<Answer>, CarrierError> {
        match self.status {
            StatusCode::OK => self.json::<RenewalReply>()?.answer(request_id).map(Some),
            StatusCode::NOT_FOUND if self.code()? == "unknown_request" => Ok(None),
            _ => Err(self.failure()),
        }
    }

    /// "You asked for this before" with what came of it then is as good as the first answer.
    fn duplicate(&self, request_id: &str) -> Result<Answer, CarrierError> {
        let detail = self.json::<ErrorReply>()?.error;
        match detail.renewal {
            Some(renewal) if detail.code == "duplicate_request" => renewal.answer(request_id),
            _ => Err(unknown(&format!("a conflict: {}", detail.code))),
        }
    }

    /// Only where the carrier surely turned the request away at the door did nothing happen.
    fn failure(&self) -> CarrierError {
        let text = format!("answered {}", self.status.as_u16());
        match self.status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => CarrierError::Unavailable(text),
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                CarrierError::Misconfigured(text)
            }
            _ => CarrierError::Unknown(text),
        }
    }

    fn code(&self) -> Result<String, CarrierError> {
        self.json::<ErrorReply>().map(|reply| reply.error.code)
    }

    fn json<T: for<'a> Deserialize<'a>>(&self) -> Result<T, CarrierError> {
        serde_json::from_slice(&self.body).map_err(|error| unknown(&format!("an answer we can't read: {error}")))
    }
}

impl RenewalReply {
    fn answer(self, request_id: &str) -> Result<Answer, CarrierError> {
        if self.request_id != request_id {
            return Err(unknown("an answer to another request"));
        }
        Ok(match self.state {
            RenewalState::Accepted => Answer::Accepted,
            RenewalState::Done { valid_until } => Answer::Done { valid_until },
            RenewalState::Refused { reason } => Answer::Refused(Refusal::parse(&reason)),
        })
    }
}

pub fn unknown(text: &str) -> CarrierError {
    CarrierError::Unknown(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status: StatusCode::from_u16(status).unwrap(), body: body.into() }
    }

    #[test]
    fn an_answer_is_what_it_surely_says() {
        let done = r#"{"request_id":"r","status":"done","valid_until":"2026-12-31"}"#;
        let duplicate = format!(r#"{{"error":{{"code":"duplicate_request","renewal":{done}}}}}"#);
        let refused = r#"{"request_id":"r","status":"refused","reason":"not_renewable"}"#;
        let until = Answer::Done { valid_until: date!(2026 - 12 - 31) };
        for (status, body, expected) in [
            (200, done, until.clone()),
            (202, r#"{"request_id":"r","status":"accepted"}"#, Answer::Accepted),
            (422, refused, Answer::Refused(Refusal::NotRenewable)),
            (409, &duplicate, until),
        ] {
            assert_eq!(reply(status, body).submitted("r"), Ok(expected), "{status} {body}");
        }
    }

    #[test]
    fn whatever_is_unclear_may_have_happened() {
        let done = r#"{"request_id":"other","status":"done","valid_until":"2026-12-31"}"#;
        for (status, body) in [
            (200, done),
            (200, r#"{"error":{"code":"internal"}}"#),
            (200, r#"{"request_id":"r","status":"done"}"#),
            (200, r#"{"request_id":"r","status":"done","valid_until":"2026-02-30"}"#),
            (200, r#"{"request_id":"r","status":"perhaps"}"#),
            (200, "{\"request_id\":\"r\",\"sta"),
            (200, ""),
            (409, r#"{"error":{"code":"request_id_reused"}}"#),
            (409, r#"{"error":{"code":"duplicate_request"}}"#),
            (422, r#"{"detail":"no"}"#),
            (302, ""),
            (404, "{}"),
            (500, "{}"),
            (502, "{}"),
            (504, "{}"),
        ] {
            let answer = reply(status, body).submitted("r");
            assert!(matches!(answer, Err(CarrierError::Unknown(_))), "{status} {body}: {answer:?}");
        }
    }

    #[test]
    fn turned_away_at_the_door_is_not_unknown() {
        for status in [503, 429] {
            let answer = reply(status, "busy").submitted("r");
            assert!(matches!(answer, Err(CarrierError::Unavailable(_))), "{status}");
        }
        for status in [400, 401, 403] {
            let answer = reply(status, "").submitted("r");
            assert!(matches!(answer, Err(CarrierError::Misconfigured(_))), "{status}");
        }
    }

    #[test]
    fn not_found_is_believed_only_in_the_carriers_own_words() {
        let none = reply(404, r#"{"error":{"code":"unknown_request"}}"#).found("r");
        assert_eq!(none, Ok(None));
        for body in ["", "{}", "<html>", r#"{"error":{"code":"no_route"}}"#] {
            let answer = reply(404, body).found("r");
            assert!(matches!(answer, Err(CarrierError::Unknown(_))), "{body}: {answer:?}");
        }
    }
}
