//! Orders of top-ups: what is sent, what is listed, and what the answers mean.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::carriers::{Answer, CarrierError, Refusal, Reply};

#[derive(Serialize)]
pub struct Order<'a> {
    pub package_id: &'a str,
    pub iccid: &'a str,
    pub description: &'a str,
}

#[derive(Deserialize)]
struct Placed {
    data: PlacedOrder,
}

#[derive(Deserialize)]
struct PlacedOrder {
    #[serde(rename = "type")]
    kind: String,
    package_id: String,
    description: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    data: Vec<ListedOrder>,
}

#[derive(Deserialize)]
struct ListedOrder {
    description: Option<String>,
    status: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    slug: String,
}

#[derive(Deserialize)]
struct Complaint {
    code: Option<i64>,
    reason: Option<String>,
    /// What is wrong with which field.
    data: Option<Value>,
}

impl Order<'_> {
    /// Written as it is signed: in few bytes, with every `/` escaped.
    pub fn body(&self) -> Result<String, CarrierError> {
        Ok(serde_json::to_string(self).map_err(CarrierError::misconfigured)?.replace('/', "\\/"))
    }
}

/// An order that was taken is done. Until when the line is valid then, the answer doesn't say.
pub fn submitted(reply: &Reply, order: &Order<'_>) -> Result<Answer, CarrierError> {
    match reply.status {
        StatusCode::OK => {
            let placed = reply.json::<Placed>()?.data;
            if placed.kind != "topup" || placed.package_id != order.package_id {
                return Err(CarrierError::unknown("an answer to another order"));
            }
            if placed.description.as_deref() != Some(order.description) {
                tracing::error!("Airalo keeps no descriptions: an order whose answer is lost can't be searched for");
            }
            Ok(Answer::Done { valid_until: None })
        }
        StatusCode::UNPROCESSABLE_ENTITY => refusal(reply).map(Answer::Refused),
        _ => Err(reply.failure()),
    }
}

/// The search is for descriptions that contain the text. A list of others is no answer to it.
pub fn found(reply: &Reply, description: &str) -> Result<Option<Answer>, CarrierError> {
    if reply.status != StatusCode::OK {
        return Err(reply.failure());
    }
    let listed = reply.json::<Listed>()?.data;
    let ours: Vec<&ListedOrder> =
        listed.iter().filter(|order| order.description.as_deref() == Some(description)).collect();
    let answers = ours.iter().map(|order| order.answer()).collect::<Result<Vec<_>, _>>()?;
    let done = answers.iter().find(|answer| matches!(answer, Answer::Done { .. }));
    match done.or(answers.first()) {
        Some(answer) => Ok(Some(answer.clone())),
        None if listed.is_empty() => Ok(None),
        None => Err(CarrierError::unknown("a list of other orders")),
    }
}

impl ListedOrder {
    fn answer(&self) -> Result<Answer, CarrierError> {
        match self.status.as_ref().map(|status| status.slug.as_str()) {
            None | Some("completed" | "partially_refunded") => Ok(Answer::Done { valid_until: None }),
            Some(ended @ ("failed" | "refunded")) => Ok(Answer::Refused(Refusal::Other(ended.to_owned()))),
            Some(_) => Err(CarrierError::unknown("an order in a state we don't know")),
        }
    }
}

/// What a 422 says. Some of its codes are no word on this order.
pub fn refusal(reply: &Reply) -> Result<Refusal, CarrierError> {
    let complaint: Complaint = reply.json()?;
    let Some(code) = complaint.code else { return complaint.field() };
    let what = || format!("code {code}: {}", complaint.reason.as_deref().unwrap_or_default());
    match code {
        11 => Err(CarrierError::NoCredit),
        13 | 33 => Err(CarrierError::Unavailable(what())),
        14 => Err(CarrierError::Misconfigured(what())),
        23 => Ok(Refusal::NotRenewable),
        34 => Ok(Refusal::UnknownProduct),
        43 => Ok(Refusal::Other("bad_request".to_owned())),
        73 => Ok(Refusal::Recycled),
        _ => Err(CarrierError::Unknown(what())),
    }
}

impl Complaint {
    fn field(&self) -> Result<Refusal, CarrierError> {
        let says = |name| self.data.as_ref().and_then(|data: &Value| data.get(name)).and_then(Value::as_str);
        match (says("package_id"), says("iccid")) {
            (Some(text), _) if text.contains("limit") => Ok(Refusal::Other("order_limit".to_owned())),
            (Some(_), _) => Ok(Refusal::UnknownProduct),
            (None, Some(_)) => Ok(Refusal::UnknownLine),
            (None, None) => Err(CarrierError::unknown("a refusal without a reason")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: Order<'_> =
        Order { package_id: "bonbon-3gb-topup", iccid: "8997212330099025334", description: "order:1:renew" };

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status: StatusCode::from_u16(status).unwrap(), body: body.into() }
    }

    #[test]
    fn an_order_is_written_as_it_is_signed() {
        let order = Order { package_id: "a/b", ..ORDER };
        let body = r#"{"package_id":"a\/b","iccid":"8997212330099025334","description":"order:1:renew"}"#;
        assert_eq!(order.body().unwrap(), body);
    }

    #[test]
    fn an_order_that_was_taken_is_done() {
        let body = r#"{"data":{"package_id":"bonbon-3gb-topup","quantity":"1","type":"topup","id":174,
            "description":"order:1:renew","price":10.5,"currency":"USD"},"meta":{"message":"success"}}"#;
        assert_eq!(submitted(&reply(200, body), &ORDER), Ok(Answer::Done { valid_until: None }));
    }

    #[test]
    fn each_code_means_what_it_says() {
        use CarrierError::{Misconfigured, NoCredit, Unavailable, Unknown};
        let said = |body: &str| submitted(&reply(422, body), &ORDER);
        let code = |code: i64| said(&format!(r#"{{"code":{code},"reason":"so"}}"#));
        assert_eq!(code(11), Err(NoCredit));
        for unavailable in [13, 33] {
            assert!(matches!(code(unavailable), Err(Unavailable(_))), "{unavailable}");
        }
        assert!(matches!(code(14), Err(Misconfigured(_))));
        for unclear in [53, 999] {
            assert!(matches!(code(unclear), Err(Unknown(_))), "{unclear}");
        }
        for (answer, refusal) in [
            (code(23), Refusal::NotRenewable),
            (code(34), Refusal::UnknownProduct),
            (code(43), Refusal::Other("bad_request".to_owned())),
            (code(73), Refusal::Recycled),
            (said(r#"{"data":{"package_id":"invalid topup package"}}"#), Refusal::UnknownProduct),
            (said(r#"{"data":{"package_id":"validation.order_exceed_limit"}}"#), Refusal::Other("order_limit".into())),
            (said(r#"{"data":{"iccid":"The iccid field is required."}}"#), Refusal::UnknownLine),
        ] {
            assert_eq!(answer, Ok(Answer::Refused(refusal)));
        }
    }

    #[test]
    fn whatever_is_unclear_may_have_happened() {
        for (status, body) in [
            (200, r#"{"code":73,"reason":"recycled"}"#),
            (200, r#"{"data":{"package_id":"another","type":"topup"}}"#),
            (200, r#"{"data":{"package_id":"bonbon-3gb-topup","type":"sim"}}"#),
            (200, r#"{"data":{"package_id":"bonbon-3gb-topup""#),
            (200, ""),
            (422, "{}"),
            (422, "[]"),
            (422, r#"{"code":"11"}"#),
            (422, r#"{"data":["no"]}"#),
            (404, "{}"),
            (500, "{}"),
            (502, ""),
        ] {
            let answer = submitted(&reply(status, body), &ORDER);
            assert!(matches!(answer, Err(CarrierError::Unknown(_))), "{status} {body}: {answer:?}");
        }
    }

    #[test]
    fn only_our_own_order_answers_a_search_and_only_an_empty_list_denies_it() {
        let search = |body: &str| found(&reply(200, body), "order:1:renew");
        let listed = |description: &str, status: &str| {
            format!(r#"{{"data":[{{"description":"{description}","status":{{"slug":"{status}"}}}}]}}"#)
        };
        assert_eq!(search(r#"{"data":[],"meta":{"message":"success"}}"#), Ok(None));
        let done = Some(Answer::Done { valid_until: None });
        assert_eq!(search(&listed("order:1:renew", "completed")), Ok(done.clone()));
        assert_eq!(search(r#"{"data":[{"description":"order:1:renew"}]}"#), Ok(done.clone()));
        let both = r#"{"data":[{"description":"order:1:renew","status":{"slug":"failed"}},
            {"description":"order:1:renew","status":{"slug":"completed"}}]}"#;
        assert_eq!(search(both), Ok(done));
        let refused = Some(Answer::Refused(Refusal::Other("refunded".to_owned())));
        assert_eq!(search(&listed("order:1:renew", "refunded")), Ok(refused));
        for body in [
            &listed("order:1:renew:more", "completed"),
            &listed("order:1:renew", "perhaps"),
            r#"{"data":[{"description":null}]}"#,
            r#"{"meta":{"message":"success"}}"#,
            "{}",
            "",
        ] {
            assert!(matches!(search(body), Err(CarrierError::Unknown(_))), "{body}");
        }
        assert!(found(&reply(404, r#"{"data":[]}"#), "order:1:renew").is_err());
    }
}
