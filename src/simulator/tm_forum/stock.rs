//! What the carrier sells, and the products on its lines.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Number, Value, json};

use super::{Filter, answer, missing, period, problem};
use crate::money::Money;
use crate::simulator::App;
use crate::simulator::face::broken;
use crate::simulator::queries::{self, Line, Product};
use crate::units::MB;

pub async fn offerings(
    State(app): State<App>,
    Path(carrier): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Response, Response> {
    let sold = queries::products(&app.pool, &carrier).await.map_err(|cause| broken(&cause))?;
    Ok(filter.page(sold.iter().filter_map(offered)))
}

pub async fn offering(
    State(app): State<App>,
    Path((carrier, id)): Path<(String, String)>,
) -> Result<Response, Response> {
    let found = queries::product(&app.pool, &carrier, &id).await.map_err(|cause| broken(&cause))?;
    Ok(found.as_ref().and_then(offered).map_or_else(missing, |offer| answer(StatusCode::OK, &offer)))
}

pub async fn products(
    State(app): State<App>,
    Path(carrier): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Response, Response> {
    let Some(serial) = filter.product_serial_number.as_deref() else {
        return Ok(problem(StatusCode::BAD_REQUEST, "21", "the inventory is too large to be listed"));
    };
    let found = queries::line(&app.pool, app.clock.now(), &carrier, serial).await.map_err(|cause| broken(&cause))?;
    Ok(filter.page(found.iter().filter(|line| line.iccid == serial).filter_map(held)))
}

pub async fn product(
    State(app): State<App>,
    Path((carrier, id)): Path<(String, String)>,
) -> Result<Response, Response> {
    let found = queries::line(&app.pool, app.clock.now(), &carrier, &id).await.map_err(|cause| broken(&cause))?;
    Ok(found.as_ref().and_then(held).map_or_else(missing, |product| answer(StatusCode::OK, &product)))
}

fn offered(product: &Product) -> Option<Value> {
    let term = product.term().ok()?;
    let cost: Number = Money::new(product.cost_minor, product.currency).amount().parse().ok()?;
    let data = match product.data_bytes {
        _ if product.data_unlimited => json!({ "value": "unlimited" }),
        Some(bytes) => json!({ "value": bytes / MB, "unitOfMeasure": "MB" }),
        None => json!({ "value": "" }),
    };
    Some(json!({
        "id": product.code,
        "name": product.title,
        "lifecycleStatus": "Active",
        "isSellable": true,
        "productOfferingTerm": [{ "duration": { "amount": term.count(), "units": term.unit() } }],
        "productOfferingPrice": [{
            "priceType": "oneTime",
            "price": { "taxIncludedAmount": { "unit": product.currency.code(), "value": cost } },
        }],
        "prodSpecCharValueUse": [{ "name": "data", "productSpecCharacteristicValue": [data] }],
    }))
}

fn held(line: &Line) -> Option<Value> {
    let status = match line.state.as_str() {
        "new" => "created",
        "suspended" => "suspended",
        "ended" => "terminated",
        _ => "active",
    };
    Some(json!({
        "id": line.line_id,
        "productSerialNumber": line.iccid,
        "status": status,
        "productTerm": [{ "validFor": period(line).ok()? }],
    }))
}
