//! TMF622: a product order with one item, known by our request id as `externalId`.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Standing;
use crate::carriers::tm_forum::client::failure;
use crate::carriers::{CarrierError, RenewalRequest, Reply};

pub fn new(request: &RenewalRequest, account: Option<&str>) -> Value {
    let iccid = &request.line.iccid;
    let mut product = json!({
        "productSerialNumber": iccid,
        "productCharacteristic": [{ "name": "ICCID", "valueType": "string", "value": iccid }],
    });
    if let Some(id) = &request.line.carrier_line_id {
        product["id"] = json!(id);
    }
    let mut order = json!({
        "externalId": request.request_id,
        "productOrderItem": [{
            "id": "1",
            "action": "modify",
            "quantity": 1,
            "product": product,
            "productOffering": { "id": request.product },
        }],
    });
    if let Some(account) = account {
        order["billingAccount"] = json!({ "id": account });
    }
    order
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub id: Option<String>,
    pub external_id: Option<String>,
    state: Option<String>,
    #[serde(default)]
    product_order_item: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    state: Option<String>,
}

impl Order {
    pub fn is_for(&self, request_id: &str) -> bool {
        self.external_id.as_deref() == Some(request_id)
    }

    /// An order that is partly done says in its items what became of them; ours has one.
    pub fn standing(&self) -> Result<Standing, CarrierError> {
        if self.state.as_deref().map(str::trim) != Some("partial") {
            return Ok(Standing::of(self.state.as_deref()));
        }
        match self.product_order_item.as_slice() {
            [only] => Ok(Standing::of(only.state.as_deref())),
            _ => Err(CarrierError::unknown("an order that is partly done")),
        }
    }
}

/// The carrier's answer to a new order; `None` where it says that it has it already.
pub fn created(reply: &Reply, request_id: &str) -> Result<Option<Order>, CarrierError> {
    match reply.status {
        StatusCode::OK | StatusCode::CREATED | StatusCode::ACCEPTED => {
            let order: Order = reply.json()?;
            match order.external_id.as_deref().is_none_or(|id| id == request_id) {
                true => Ok(Some(order)),
                false => Err(CarrierError::unknown("an answer to another request")),
            }
        }
        StatusCode::CONFLICT => Ok(None),
        _ => Err(failure(reply)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status: StatusCode::from_u16(status).unwrap(), body: body.into() }
    }

    fn standing(text: &str) -> Result<Standing, CarrierError> {
        serde_json::from_str::<Order>(text).unwrap().standing()
    }

    #[test]
    fn a_partly_done_order_is_what_its_item_is() {
        let partial = |items: &str| standing(&format!(r#"{{"state":"partial","productOrderItem":{items}}}"#));
        assert_eq!(partial(r#"[{"state":"completed"}]"#), Ok(Standing::Completed));
        assert_eq!(partial(r#"[{"state":"failed"}]"#), Ok(Standing::Refused("failed".to_owned())));
        for items in ["[]", r#"[{"state":"completed"},{"state":"failed"}]"#] {
            assert!(matches!(partial(items), Err(CarrierError::Unknown(_))), "{items}");
        }
        assert_eq!(standing("{}"), Ok(Standing::UnderWay));
    }

    #[test]
    fn an_answer_that_is_not_to_us_may_hide_one_that_is() {
        for (status, body) in [
            (201, r#"{"id":"7","externalId":"other","state":"completed"}"#),
            (201, r#"[{"id":"7"}]"#),
            (201, r#"{"id":"7","state"#),
            (200, r#"{"id":{},"error":"no"}"#),
            (404, r#"{"code":"60","reason":"gone"}"#),
            (500, r#"{"code":"1","reason":"oh"}"#),
            (302, ""),
        ] {
            let answer = created(&reply(status, body), "r").map(|_| ());
            assert!(matches!(answer, Err(CarrierError::Unknown(_))), "{status} {body}: {answer:?}");
        }
        let ours = created(&reply(201, r#"{"id":"7","externalId":"r"}"#), "r").unwrap().unwrap();
        assert!(ours.is_for("r") && !ours.is_for("s"));
        assert!(created(&reply(409, "{}"), "r").unwrap().is_none());
    }

    #[test]
    fn what_is_wrong_with_a_request_is_shown_to_the_operator() {
        let body = r#"{"code":"22","reason":"no such action"}"#;
        let Err(CarrierError::Misconfigured(what)) = created(&reply(400, body), "r").map(|_| ()) else {
            panic!("taken");
        };
        assert!(what.contains("no such action"), "{what}");
    }
}
