//! What goes over the wire, and what an answer means.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

use crate::carriers::{
    Answer, CarrierError, Change, LineRef, LineState, Offer, Quote, Refusal, RenewalRequest, Reply, Usage,
};
use crate::money::{Currency, Money};
use crate::plans::allowance::Allowance;
use crate::plans::effect::Effect;
use crate::plans::term::Term;
use crate::units::Data;

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

#[derive(Serialize)]
pub struct StateBody {
    state: &'static str,
}

impl StateBody {
    pub fn after(change: Change) -> Self {
        Self { state: if change == Change::Suspend { "suspended" } else { "active" } }
    }
}

#[derive(Deserialize)]
struct QuoteReply {
    eligible: bool,
    reason: Option<String>,
    price_minor: Option<i64>,
    currency: Option<Currency>,
    cost_minor: Option<i64>,
    cost_currency: Option<Currency>,
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

/// The line as the carrier has it.
#[derive(Deserialize)]
struct LineReply {
    state: String,
    #[serde(with = "iso_date")]
    valid_until: Date,
    data_total_bytes: i64,
    data_left_bytes: i64,
    #[serde(default)]
    data_unlimited: bool,
    #[serde(with = "time::serde::rfc3339")]
    as_of: OffsetDateTime,
}

#[derive(Deserialize)]
struct ProductReply {
    code: String,
    title: String,
    effect: Effect,
    term: Term,
    data_unlimited: bool,
    data_bytes: Option<i64>,
    coverage: Vec<String>,
    cost_minor: i64,
    currency: Currency,
}

pub fn offers(reply: &Reply) -> Result<Vec<Offer>, CarrierError> {
    if reply.status != StatusCode::OK {
        return Err(reply.failure());
    }
    Ok(reply.json::<Vec<ProductReply>>()?.into_iter().map(ProductReply::offer).collect())
}

impl ProductReply {
    fn offer(self) -> Offer {
        let data = Data::stored(self.data_unlimited, self.data_bytes);
        Offer {
            product: self.code,
            title: self.title,
            cost: Some(Money::new(self.cost_minor, self.currency)),
            term: Some(self.term),
            allowance: Allowance { data, ..Allowance::default() },
            coverage: self.coverage,
            effect: Some(self.effect),
        }
    }
}

pub fn quote(reply: &Reply) -> Result<Quote, CarrierError> {
    if reply.status != StatusCode::OK {
        return Err(reply.failure());
    }
    let quote: QuoteReply = reply.json()?;
    let refusal = || Refusal::parse(quote.reason.as_deref().unwrap_or("not_renewable"));
    Ok(Quote {
        eligible: if quote.eligible { Ok(()) } else { Err(refusal()) },
        price: amount(quote.price_minor, quote.currency)?,
        cost: amount(quote.cost_minor, quote.cost_currency)?,
    })
}

fn amount(minor: Option<i64>, currency: Option<Currency>) -> Result<Option<Money>, CarrierError> {
    match (minor, currency) {
        (Some(minor), Some(currency)) => Ok(Some(Money::new(minor, currency))),
        (None, None) => Ok(None),
        _ => Err(CarrierError::unknown("half an amount")),
    }
}

pub fn submitted(reply: &Reply, request_id: &str) -> Result<Answer, CarrierError> {
    match reply.status {
        StatusCode::OK | StatusCode::ACCEPTED | StatusCode::UNPROCESSABLE_ENTITY => {
            reply.json::<RenewalReply>()?.answer(request_id)
        }
        StatusCode::CONFLICT => duplicate(reply, request_id),
        StatusCode::PAYMENT_REQUIRED => Err(CarrierError::NoCredit),
        _ => Err(reply.failure()),
    }
}

pub fn found(reply: &Reply, request_id: &str) -> Result<Option<Answer>, CarrierError> {
    match reply.status {
        StatusCode::OK => reply.json::<RenewalReply>()?.answer(request_id).map(Some),
        StatusCode::NOT_FOUND if reply.json::<ErrorReply>()?.error.code == "unknown_request" => Ok(None),
        _ => Err(reply.failure()),
    }
}

/// "You asked for this before" with what came of it then is as good as the first answer.
fn duplicate(reply: &Reply, request_id: &str) -> Result<Answer, CarrierError> {
    let detail = reply.json::<ErrorReply>()?.error;
    match detail.renewal {
        Some(renewal) if detail.code == "duplicate_request" => renewal.answer(request_id),
        _ => Err(CarrierError::unknown(format!("a conflict: {}", detail.code))),
    }
}

pub fn usage(reply: &Reply) -> Result<Usage, CarrierError> {
    if reply.status == StatusCode::NOT_FOUND && reply.json::<ErrorReply>()?.error.code == "unknown_line" {
        return Ok(Usage::unsaid(OffsetDateTime::UNIX_EPOCH));
    }
    if reply.status != StatusCode::OK {
        return Err(reply.failure());
    }
    let line: LineReply = reply.json()?;
    let data = |bytes| if line.data_unlimited { Data::Unlimited } else { Data::Bytes(bytes) };
    let data = |bytes| Some(Allowance { data: data(bytes), ..Allowance::default() });
    Ok(Usage {
        as_of: line.as_of,
        state: LineState::parse(&line.state),
        total: data(line.data_total_bytes),
        left: data(line.data_left_bytes),
        valid_until: Some(line.valid_until),
        balance: None,
        installed: None,
    })
}

pub fn changed(reply: &Reply) -> Result<Result<(), Refusal>, CarrierError> {
    match reply.status {
        StatusCode::OK => Ok(Ok(())),
        StatusCode::CONFLICT | StatusCode::NOT_FOUND => {
            Ok(Err(Refusal::parse(&reply.json::<ErrorReply>()?.error.code)))
        }
        _ => Err(reply.failure()),
    }
}

impl RenewalReply {
    fn answer(self, request_id: &str) -> Result<Answer, CarrierError> {
        if self.request_id != request_id {
            return Err(CarrierError::unknown("an answer to another request"));
        }
        Ok(match self.state {
            RenewalState::Accepted => Answer::Accepted { reference: None },
            RenewalState::Done { valid_until } => Answer::Done { valid_until: Some(valid_until) },
            RenewalState::Refused { reason } => Answer::Refused(Refusal::parse(&reason)),
        })
    }
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
        let until = Answer::Done { valid_until: Some(date!(2026 - 12 - 31)) };
        for (status, body, expected) in [
            (200, done, until.clone()),
            (202, r#"{"request_id":"r","status":"accepted"}"#, Answer::Accepted { reference: None }),
            (422, refused, Answer::Refused(Refusal::NotRenewable)),
            (409, &duplicate, until),
        ] {
            assert_eq!(submitted(&reply(status, body), "r"), Ok(expected), "{status} {body}");
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
            let answer = submitted(&reply(status, body), "r");
            assert!(matches!(answer, Err(CarrierError::Unknown(_))), "{status} {body}: {answer:?}");
        }
    }

    #[test]
    fn turned_away_at_the_door_is_not_unknown() {
        for status in [400, 401, 403] {
            let answer = submitted(&reply(status, ""), "r");
            assert!(matches!(answer, Err(CarrierError::Misconfigured(_))), "{status}");
        }
    }

    #[test]
    fn not_found_is_believed_only_in_the_carriers_own_words() {
        let none = found(&reply(404, r#"{"error":{"code":"unknown_request"}}"#), "r");
        assert_eq!(none, Ok(None));
        for body in ["", "{}", "<html>", r#"{"error":{"code":"no_route"}}"#] {
            let answer = found(&reply(404, body), "r");
            assert!(matches!(answer, Err(CarrierError::Unknown(_))), "{body}: {answer:?}");
        }
    }
}
