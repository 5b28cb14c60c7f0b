use super::request::Request;
use super::{Contract, INVALID, NOT_EXIST, Problem, Told, find, moment, refused, yuan};
use crate::sandbox::Sandbox;
use crate::sandbox::api::NewPayment;
use crate::sandbox::ledger::{self, Payment};
use crate::sandbox::protocol::Protocol;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;
use time::macros::{format_description, offset};
use time::{OffsetDateTime, PrimitiveDateTime};

const EXPIRED: Problem = Problem::Said("40004", "ACQ.TRADE_HAS_CLOSE");

/// The payer arrives: the trade begins here, and they choose on the page all payers have.
pub async fn page(sandbox: &Sandbox, contract: &Contract, request: &Request, headers: &HeaderMap) -> Response {
    match begin(sandbox, contract, request, headers).await {
        Ok(payment) => Redirect::to(&format!("{}/pay/{}", sandbox.settings.public_url, payment.id)).into_response(),
        Err(problem) => refused(problem),
    }
}

async fn begin(
    sandbox: &Sandbox,
    contract: &Contract,
    request: &Request,
    headers: &HeaderMap,
) -> Result<Payment, Problem> {
    let now = sandbox.clock.now();
    let expires_at = request.said("time_expire").and_then(|text| read(&text)).ok_or(INVALID)?;
    let product = if request.method().contains("wap") { "QUICK_WAP_WAY" } else { "FAST_INSTANT_TRADE_PAY" };
    let subject = request.said("subject").ok_or(INVALID)?;
    if request.said("product_code").as_deref() != Some(product) || subject.contains(['/', '=', '&']) {
        return Err(INVALID);
    }
    let new = NewPayment {
        merchant_ref: request.said("out_trade_no").filter(|text| is_reference(text)).ok_or(INVALID)?,
        amount_minor: request.amount("total_amount")?,
        currency: "CNY".to_owned(),
        merchant: contract.name.clone(),
        order_number: subject.clone(),
        lang: language(headers),
        return_url: request.param("return_url").to_owned(),
        notify_url: request.param("notify_url").to_owned(),
        expires_at: expires_at.unix_timestamp(),
    };
    let mut conn = sandbox.pool.acquire().await?;
    if expires_at > now {
        let details = json!({ "app_id": contract.app_id, "seller_id": contract.seller_id, "subject": subject });
        ledger::insert(&mut conn, &trade_no(now), &new, (Protocol::Alipay, details), expires_at, now).await?;
    }
    let payment = ledger::by_ref(&mut *conn, &new.merchant_ref).await?.ok_or(EXPIRED)?;
    match payment.amount_minor == new.amount_minor {
        true => Ok(payment),
        false => Err(Problem::Said("40004", "ACQ.CONTEXT_INCONSISTENT")),
    }
}

pub async fn query(sandbox: &Sandbox, request: &Request) -> Told {
    let payment = find(sandbox, request).await?;
    answers(sandbox, &payment).await?;
    let mut conn = sandbox.pool.acquire().await?;
    let back = ledger::refunded(&mut conn, &payment.id).await?;
    let mut told = json!({
        "out_trade_no": payment.merchant_ref, "trade_no": payment.id, "trade_status": status(&payment, back),
        "total_amount": yuan(payment.received_minor.unwrap_or(payment.amount_minor)), "buyer_logon_id": "pay***@demo.example",
    });
    if let Some(paid_at) = payment.paid_at {
        told["send_pay_date"] = moment(paid_at).into();
        told["receipt_amount"] = yuan(payment.received_minor.unwrap_or(0)).into();
    }
    Ok(told)
}

pub async fn close(sandbox: &Sandbox, request: &Request) -> Told {
    let reference = request.said("out_trade_no").ok_or(INVALID)?;
    let mut tx = crate::db::begin(&sandbox.pool).await?;
    let payment = ledger::lock_by_ref(&mut tx, &reference).await?.ok_or(NOT_EXIST)?;
    if payment.is_silent(sandbox.clock.now()) {
        drop(tx);
        return answers(sandbox, &payment).await.map(|()| json!({}));
    }
    if payment.status != "open" {
        return Err(Problem::Said("40004", "ACQ.TRADE_STATUS_ERROR"));
    }
    ledger::set_status(&mut tx, &payment.id, "closed").await?;
    tx.commit().await?;
    Ok(json!({ "out_trade_no": payment.merchant_ref, "trade_no": payment.id }))
}

async fn answers(sandbox: &Sandbox, payment: &Payment) -> Result<(), Problem> {
    if !payment.is_silent(sandbox.clock.now()) {
        return Ok(());
    }
    tokio::time::sleep(sandbox.settings.hang).await;
    Err(Problem::NoAnswer)
}

/// `back`: what has been refunded of it.
pub fn status(payment: &Payment, back: i64) -> &'static str {
    match (payment.status.as_str(), payment.received_minor) {
        ("open", _) => "WAIT_BUYER_PAY",
        ("paid", Some(received)) if back < received => "TRADE_SUCCESS",
        _ => "TRADE_CLOSED",
    }
}

fn read(text: &str) -> Option<OffsetDateTime> {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    PrimitiveDateTime::parse(text, form).ok().map(|at| at.assume_offset(offset!(+8)))
}

fn is_reference(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// 28 digits that begin with the day.
fn trade_no(now: OffsetDateTime) -> String {
    let day: String = moment(now).chars().take(10).filter(char::is_ascii_digit).collect();
    let random: String = uuid::Uuid::new_v4().as_u128().to_string().chars().rev().take(16).collect();
    format!("{day}2200{random:0>16}")
}

/// Alipay goes by the payer's account; here the browser says it.
fn language(headers: &HeaderMap) -> String {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.starts_with("zh") { "zh-CN".to_owned() } else { "en".to_owned() }
}
