//! What goes over the wire, and what an answer means.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use time::{OffsetDateTime, UtcOffset};

use crate::carriers::{CarrierError, LineKind, LineState, RenewalRequest, Reply, amounts, dates};
use crate::decimal;

#[derive(Serialize)]
pub struct NewOrder<'a> {
    operation_type: &'static str,
    sim_type: &'static str,
    country: &'a str,
    product: SoldProduct<'a>,
    subscriber: Subscriber<'a>,
}

#[derive(Serialize)]
struct SoldProduct<'a> {
    id: &'a str,
    sold_price: Number,
    sold_currency: &'static str,
}

#[derive(Serialize)]
struct Subscriber<'a> {
    sim: Sim<'a>,
}

#[derive(Serialize)]
struct Sim<'a> {
    iccid: &'a str,
}

impl<'a> NewOrder<'a> {
    /// Without a date of its own the plan begins at once.
    pub fn of(request: &'a RenewalRequest, country: &'a str) -> Result<Self, CarrierError> {
        let sold = request.sold_for;
        Ok(NewOrder {
            operation_type: "TOPUP",
            sim_type: match request.line.kind {
                LineKind::Esim => "ESIM",
                LineKind::FmCard => "PSIM",
            },
            country,
            product: SoldProduct {
                id: &request.product,
                sold_price: sold.amount().parse().map_err(CarrierError::misconfigured)?,
                sold_currency: sold.currency.code(),
            },
            subscriber: Subscriber { sim: Sim { iccid: &request.line.iccid } },
        })
    }
}

#[derive(Debug, Deserialize)]
pub struct Order {
    pub id: String,
    status: String,
    output: Option<Output>,
}

#[derive(Debug, Deserialize)]
struct Output {
    subscription_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    UnderWay,
    Completed,
    Failed,
}

impl Order {
    /// A state nobody told us of is no end.
    pub fn standing(&self) -> Standing {
        match self.status.as_str() {
            "COMPLETED" => Standing::Completed,
            "FAILED" => Standing::Failed,
            _ => Standing::UnderWay,
        }
    }

    pub fn subscription(&self) -> Option<&str> {
        self.output.as_ref()?.subscription_id.as_deref()
    }
}

pub fn order(reply: &Reply) -> Result<Order, CarrierError> {
    if reply.status.is_success() { reply.json() } else { Err(reply.failure()) }
}

#[derive(Deserialize)]
pub struct Subscriptions {
    pub data: Vec<Subscription>,
    #[serde(rename = "_metadata")]
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    page_count: Option<u32>,
}

impl Subscriptions {
    /// Where it isn't said, a page without anything new is the last.
    pub fn is_last(&self, page: u32) -> bool {
        self.metadata.as_ref().and_then(|metadata| metadata.page_count).is_some_and(|count| page >= count)
    }
}

#[derive(Clone, Deserialize)]
pub struct Subscription {
    pub id: String,
    sim_id: Option<String>,
    product_id: Option<String>,
    status: Option<String>,
    expiry_date: Option<String>,
    initial_balance: Option<Value>,
    current_balance: Option<Value>,
    balance_units: Option<String>,
}

impl Subscription {
    pub fn is_on(&self, iccid: &str) -> bool {
        self.sim_id.as_deref().is_none_or(|sim| sim == iccid)
    }

    pub fn is_of(&self, product: &str) -> bool {
        self.product_id.as_deref().is_none_or(|found| found == product)
    }

    /// Dates without a zone are taken as UTC.
    pub fn end(&self) -> Option<OffsetDateTime> {
        dates::instant(self.expiry_date.as_deref()?, UtcOffset::UTC).ok()
    }

    pub fn state(&self) -> Option<LineState> {
        Some(match self.status.as_deref()? {
            "PENDING" | "PENDING_USAGE" => LineState::New,
            "ACTIVE" => LineState::Active,
            "DEPLETED" => LineState::Depleted,
            "EXPIRED" => LineState::Expired,
            _ => return None,
        })
    }

    /// Bytes it had at first.
    pub fn total(&self) -> Option<i64> {
        self.read(self.initial_balance.as_ref()?)
    }

    /// Bytes it has.
    pub fn left(&self) -> Option<i64> {
        self.read(self.current_balance.as_ref()?)
    }

    fn read(&self, value: &Value) -> Option<i64> {
        let in_bytes = self.balance_units.as_deref()?.eq_ignore_ascii_case("bytes");
        bytes(value).filter(|_| in_bytes)
    }
}

/// The provider writes whole numbers, sometimes as text.
fn bytes(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => decimal::parse(text, 0).ok(),
        Value::Number(number) => amounts::whole(number),
        _ => None,
    }
}

/// Of the plans on a SIM, the one that says how the line is: one that runs before one that waits, before one that ended.
pub fn state(subscriptions: &[Subscription]) -> Option<LineState> {
    let order = [LineState::Active, LineState::New, LineState::Depleted, LineState::Expired];
    order.into_iter().find(|state| subscriptions.iter().any(|one| one.state() == Some(*state)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;
    use time::macros::datetime;

    fn subscription(text: &str) -> Subscription {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn only_what_says_so_has_ended() {
        let standing = |status: &str| {
            let body = format!(r#"{{"id":"o","status":"{status}"}}"#).into_bytes();
            order(&Reply { status: StatusCode::OK, body }).unwrap().standing()
        };
        assert_eq!(standing("COMPLETED"), Standing::Completed);
        assert_eq!(standing("FAILED"), Standing::Failed);
        for status in ["ACCEPTED", "FULFILLING", "PAUSED", "", "completed"] {
            assert_eq!(standing(status), Standing::UnderWay, "{status}");
        }
    }

    #[test]
    fn whatever_is_unclear_may_have_happened() {
        for (status, body) in
            [(201, "{}"), (201, r#"{"error":"no"}"#), (201, r#"{"id":"o","st"#), (404, "{}"), (422, "{}"), (500, "{}")]
        {
            let reply = Reply { status: StatusCode::from_u16(status).unwrap(), body: body.into() };
            assert!(matches!(order(&reply), Err(CarrierError::Unknown(_))), "{status} {body}");
        }
    }

    #[test]
    fn a_subscription_is_read_in_either_spelling_of_its_numbers() {
        for (initial, current) in [(r#""1073741824""#, r#""12""#), ("1073741824", "12")] {
            let one = subscription(&format!(
                r#"{{"id":"s","status":"ACTIVE","expiry_date":"2026-12-30T16:00:00Z","balance_units":"Bytes",
                    "initial_balance":{initial},"current_balance":{current}}}"#
            ));
            assert_eq!((one.total(), one.left()), (Some(1_073_741_824), Some(12)));
            assert_eq!(one.end(), Some(datetime!(2026-12-30 16:00 UTC)));
        }
        let odd = subscription(r#"{"id":"s","balance_units":"MB","current_balance":-3,"expiry_date":"some day"}"#);
        assert_eq!((odd.total(), odd.left(), odd.end(), odd.state()), (None, None, None, None));
    }

    #[test]
    fn a_line_is_as_the_plan_that_runs() {
        let of = |states: &[&str]| {
            let all: Vec<_> = states.iter().map(|s| subscription(&format!(r#"{{"id":"s","status":"{s}"}}"#))).collect();
            state(&all)
        };
        assert_eq!(of(&["EXPIRED", "PENDING", "ACTIVE"]), Some(LineState::Active));
        assert_eq!(of(&["EXPIRED", "DEPLETED"]), Some(LineState::Depleted));
        assert_eq!(of(&["PENDING_USAGE", "DEPLETED"]), Some(LineState::New));
        assert_eq!(of(&["DREAMING"]), None);
    }
}
