use super::super::Sandbox;
use super::super::api::NewPayment;
use super::super::ledger::{self, Payment};
use super::super::protocol::Protocol;
use super::call::{Asked, Call};
use super::fields::Fields;
use super::problem::Problem;
use super::{object, queries};
use crate::money::Currency;
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const KNOWN: [&str; 12] = [
    "mode",
    "success_url",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "locale",
    "expires_at",
    "metadata",
    "line_items",
    "payment_intent_data",
    "expand",
    "payment_method_types",
];

pub async fn create(State(sandbox): State<Sandbox>, asked: Asked) -> Result<Response, Problem> {
    asked.once(&sandbox, async |call| insert(&sandbox, call).await).await
}

async fn insert(sandbox: &Sandbox, call: &mut Call) -> Result<Value, Problem> {
    let now = sandbox.clock.now();
    let id = format!("cs_test_{}", Uuid::new_v4().simple());
    let (new, details) = read(sandbox, &call.fields, &id, now)?;
    let expires_at = ends(&call.fields, now)?;
    ledger::insert(&mut call.tx, &id, &new, (Protocol::Stripe, details), expires_at, now).await?;
    // The ledger knows each reference once; Stripe itself would make a second session.
    let made = ledger::by_id(&mut *call.tx, &id).await?;
    let taken = || Problem::invalid("client_reference_id", "The rehearsal takes each reference once");
    Ok(object::session_now(sandbox, &made.ok_or_else(taken)?, &call.fields.all("expand")))
}

fn read(sandbox: &Sandbox, fields: &Fields, id: &str, now: OffsetDateTime) -> Result<(NewPayment, Value), Problem> {
    fields.only(&KNOWN)?;
    if fields.needed("mode")? != "payment" {
        return Err(Problem::invalid("mode", "The rehearsal knows payments only"));
    }
    let reference = fields.text("client_reference_id").unwrap_or(id);
    if reference.len() > 200 {
        return Err(Problem::invalid("client_reference_id", "Invalid string: it must be at most 200 characters"));
    }
    let (amount_minor, currency) = price(fields)?;
    let success_url = fields.needed("success_url")?.replace("{CHECKOUT_SESSION_ID}", id);
    let name = fields.needed("line_items[0][price_data][product_data][name]")?;
    let (merchant, order_number) = name.rsplit_once(' ').unwrap_or((name, reference));
    let account = sandbox.settings.stripe.as_ref().ok_or_else(Problem::broken)?;
    let new = NewPayment {
        merchant_ref: reference.to_owned(),
        amount_minor,
        currency: currency.code().to_owned(),
        merchant: merchant.to_owned(),
        order_number: order_number.to_owned(),
        lang: fields.text("locale").unwrap_or("en").to_owned(),
        return_url: success_url.clone(),
        notify_url: account.notify_url.clone(),
        expires_at: 0,
    };
    let details = json!({
        "created": now.unix_timestamp(), "success_url": success_url, "cancel_url": fields.text("cancel_url"),
        "metadata": fields.map("metadata"), "intent_metadata": fields.map("payment_intent_data[metadata]"),
    });
    Ok((new, details))
}

fn price(fields: &Fields) -> Result<(i64, Currency), Problem> {
    const AMOUNT: &str = "line_items[0][price_data][unit_amount]";
    const CURRENCY: &str = "line_items[0][price_data][currency]";
    let currency = fields.needed(CURRENCY)?;
    let currency = Currency::parse(currency).map_err(|_| Problem::invalid(CURRENCY, "Invalid currency"))?;
    let amount = fields.number(AMOUNT)?.ok_or_else(|| Problem::invalid(AMOUNT, "Missing required param"))?;
    let step = if currency == Currency::Kwd { 10 } else { 1 };
    let quantity = fields.number("line_items[0][quantity]")?.unwrap_or(1);
    match amount > 0 && amount <= 99_999_999 && amount % step == 0 && quantity == 1 {
        true => Ok((amount, currency)),
        false => Err(Problem::invalid(AMOUNT, "Invalid amount for this currency")),
    }
}

/// Between half an hour and a day ahead.
fn ends(fields: &Fields, now: OffsetDateTime) -> Result<OffsetDateTime, Problem> {
    let wrong = || Problem::invalid("expires_at", "The time must be at least 30 minutes and at most 24 hours ahead");
    let Some(seconds) = fields.number("expires_at")? else { return Ok(now + Duration::hours(24)) };
    let at = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| wrong())?;
    let ahead = at - now;
    if ahead < Duration::minutes(30) || ahead > Duration::hours(24) { Err(wrong()) } else { Ok(at) }
}

pub async fn show(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Problem> {
    sandbox.ripen().await?;
    let payment = known(ledger::by_id(&sandbox.pool, &id).await?, &id)?;
    answers(&sandbox, &payment).await?;
    let fields = Fields::read(&query.unwrap_or_default());
    Ok(Json(object::session_now(&sandbox, &payment, &fields.all("expand"))))
}

pub async fn list(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Result<Json<Value>, Problem> {
    sandbox.ripen().await?;
    let fields = Fields::read(&query.unwrap_or_default());
    let (from, to) = super::books::between(&fields, "created[gte]", "created[lte]")?;
    let payments = queries::sessions(&sandbox.pool, from, to).await?;
    let all = payments.iter().map(|payment| object::session_now(&sandbox, payment, &[])).collect();
    fields.page(all, "/v1/checkout/sessions").map(Json)
}

pub async fn expire(State(sandbox): State<Sandbox>, Path(id): Path<String>, asked: Asked) -> Result<Response, Problem> {
    sandbox.ripen().await?;
    asked.once(&sandbox, async |call| end(&sandbox, call, &id).await).await
}

async fn end(sandbox: &Sandbox, call: &mut Call, id: &str) -> Result<Value, Problem> {
    let mut payment = known(ledger::lock_by_id(&mut call.tx, id).await?, id)?;
    answers(sandbox, &payment).await?;
    if payment.status != "open" {
        return Err(Problem::refused(None, "Only Checkout Sessions with a status in [\"open\"] can be expired."));
    }
    ledger::set_status(&mut call.tx, id, "closed").await?;
    payment.status = "closed".to_owned();
    let now = sandbox.clock.now();
    ledger::insert_notification(&mut call.tx, &payment, &object::expired(&payment, now), now).await?;
    Ok(object::session_now(sandbox, &payment, &[]))
}

fn known(payment: Option<Payment>, id: &str) -> Result<Payment, Problem> {
    let stripes = payment.filter(|payment| payment.protocol == Protocol::Stripe);
    stripes.ok_or_else(|| Problem::missing("checkout.session", id))
}

async fn answers(sandbox: &Sandbox, payment: &Payment) -> Result<(), Problem> {
    if !payment.is_silent(sandbox.clock.now()) {
        return Ok(());
    }
    tokio::time::sleep(sandbox.settings.hang).await;
    Err(Problem::broken())
}
