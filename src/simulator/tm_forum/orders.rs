use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Filter, answer, missing, name, problem, renewal, renewals, take_on};
use crate::calendar;
use crate::simulator::App;
use crate::simulator::queries::Renewal;
use crate::simulator::renew::Ask;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewOrder {
    external_id: Option<String>,
    product_order_item: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    action: String,
    product: Option<Product>,
    product_offering: Option<Offering>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    product_serial_number: Option<String>,
}

#[derive(Deserialize)]
struct Offering {
    id: String,
}

pub async fn create(
    State(app): State<App>,
    Path(carrier): Path<String>,
    body: Result<Json<NewOrder>, JsonRejection>,
) -> Response {
    let Some(ask) = body.ok().and_then(|Json(order)| order.ask(carrier)) else {
        return problem(StatusCode::BAD_REQUEST, "23", "an order changes one product by its serial number");
    };
    match take_on(&app, ask).await {
        Ok(renewal) => answer(StatusCode::CREATED, &shown(&renewal, app.clock.now())),
        Err(trouble) => trouble,
    }
}

pub async fn list(
    State(app): State<App>,
    Path(carrier): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Response, Response> {
    let (now, found) = (app.clock.now(), renewals(&app, &carrier, filter.external_id.as_deref()).await?);
    Ok(filter.page(found.iter().map(|renewal| shown(renewal, now))))
}

pub async fn one(State(app): State<App>, Path((carrier, id)): Path<(String, String)>) -> Result<Response, Response> {
    let found = renewal(&app, &carrier, &id).await?;
    Ok(found.map_or_else(missing, |renewal| answer(StatusCode::OK, &shown(&renewal, app.clock.now()))))
}

impl NewOrder {
    fn ask(self, carrier: String) -> Option<Ask> {
        let [item] = <[Item; 1]>::try_from(self.product_order_item).ok()?;
        (item.action == "modify").then_some(())?;
        let iccid = item.product?.product_serial_number?;
        let product = item.product_offering?.id;
        Some(Ask { request_id: self.external_id?, carrier, iccid, product, told: None })
    }
}

fn shown(renewal: &Renewal, now: OffsetDateTime) -> Value {
    let state = match renewal.refused {
        Some(_) => "rejected",
        None if now < renewal.due_at => "inProgress",
        None => "completed",
    };
    json!({
        "id": renewal.number.to_string(),
        "externalId": name(renewal),
        "orderDate": calendar::rfc3339(&renewal.received_at),
        "state": state,
        "note": renewal.refused.iter().map(|reason| json!({ "text": reason })).collect::<Vec<_>>(),
        "productOrderItem": [{
            "id": "1",
            "action": "modify",
            "state": state,
            "product": { "productSerialNumber": renewal.iccid },
            "productOffering": { "id": renewal.product },
        }],
    })
}
