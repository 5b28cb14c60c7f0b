use super::super::Sandbox;
use super::super::api::REFUND_TAKES;
use super::super::ledger::{self, Payment, Refund};
use super::call::{Asked, Call};
use super::fields::Fields;
use super::problem::Problem;
use super::{object, queries};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

pub async fn create(State(sandbox): State<Sandbox>, asked: Asked) -> Result<Response, Problem> {
    asked.once(&sandbox, async |call| insert(&sandbox, call).await).await
}

async fn insert(sandbox: &Sandbox, call: &mut Call) -> Result<Value, Problem> {
    let Call { tx, fields, .. } = call;
    fields.only(&["payment_intent", "amount", "reason", "metadata"])?;
    let intent = fields.needed("payment_intent")?;
    let payment = queries::lock_by_transaction(&mut *tx, intent).await?;
    let payment = payment.ok_or_else(|| Problem::missing("payment_intent", intent))?;
    let left = payment.received_minor.unwrap_or(0) - ledger::refunded(&mut *tx, &payment.id).await?;
    let amount = fields.number("amount")?.unwrap_or(left);
    allowed(&payment, amount, left)?;
    let now = sandbox.clock.now();
    let refund = new(&payment, fields, amount, now.unix_timestamp());
    ledger::insert_refund(&mut *tx, &refund, now + REFUND_TAKES, now).await?;
    // It is done, and the answer is an error that is kept.
    if amount % 100 == 15 { Err(Problem::broken()) } else { Ok(object::refund(&payment, &refund)) }
}

fn allowed(payment: &Payment, amount: i64, left: i64) -> Result<(), Problem> {
    if left <= 0 {
        return Err(Problem::refused(Some("charge_already_refunded"), "The charge has already been refunded."));
    }
    if amount <= 0 || amount > left || (payment.currency == "KWD" && amount % 10 != 0) {
        return Err(Problem::invalid("amount", "The refund is greater than what is left of the charge"));
    }
    if amount % 100 == 13 {
        return Err(Problem::refused(Some("balance_insufficient"), "Insufficient funds in your Stripe balance"));
    }
    Ok(())
}

/// A refund by hand, without a number of the merchant's, is filed under its own.
fn new(payment: &Payment, fields: &Fields, amount: i64, created: i64) -> Refund {
    let id = format!("re_{}", Uuid::new_v4().simple());
    Refund {
        merchant_refund_no: fields.text("metadata[merchant_refund_no]").unwrap_or(&id).to_owned(),
        payment_id: payment.id.clone(),
        amount_minor: amount,
        status: "accepted".to_owned(),
        details: json!({ "created": created, "reason": fields.text("reason"), "metadata": fields.map("metadata") }),
        id,
    }
}

pub async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    sandbox.ripen().await?;
    let refund = queries::refund(&sandbox.pool, &id).await?.ok_or_else(|| Problem::missing("refund", &id))?;
    let payment = ledger::by_id(&sandbox.pool, &refund.payment_id).await?.ok_or_else(Problem::broken)?;
    Ok(Json(object::refund(&payment, &refund)))
}

pub async fn list(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Result<Json<Value>, Problem> {
    sandbox.ripen().await?;
    let fields = Fields::read(&query.unwrap_or_default());
    let intent = fields.needed("payment_intent")?;
    let mut conn = sandbox.pool.acquire().await?;
    let payment = queries::lock_by_transaction(&mut conn, intent).await?;
    let payment = payment.ok_or_else(|| Problem::missing("payment_intent", intent))?;
    let refunds = queries::refunds_of(&mut *conn, &payment.id).await?;
    let all = refunds.iter().map(|refund| object::refund(&payment, refund)).collect();
    fields.page(all, "/v1/refunds").map(Json)
}
