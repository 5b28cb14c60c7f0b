//! The interface for merchants: signed JSON. The same reference gives the same payment, the same refund number the same refund.

use super::ledger::{self, Payment, Refund};
use super::protocol::Protocol;
use super::{Sandbox, signature};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use time::format_description::well_known::Iso8601;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

/// How long a refund takes.
pub const REFUND_TAKES: Duration = Duration::seconds(2);

#[derive(Deserialize)]
pub struct NewPayment {
    pub merchant_ref: String,
    pub amount_minor: i64,
    pub currency: String,
    pub merchant: String,
    pub order_number: String,
    pub lang: String,
    pub return_url: String,
    pub notify_url: String,
    /// Unix seconds.
    pub expires_at: i64,
}

#[derive(Deserialize)]
pub struct NewRefund {
    merchant_ref: String,
    merchant_refund_no: String,
    amount_minor: i64,
    currency: String,
}

pub enum Problem {
    Said(StatusCode, &'static str),
    Broken(sqlx::Error),
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Self::Broken(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code) = match self {
            Self::Said(status, code) => (status, code),
            Self::Broken(error) => {
                tracing::error!(%error, "the sandbox gateway failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "broken")
            }
        };
        (status, Json(json!({ "code": code }))).into_response()
    }
}

type Answer = Result<Json<Value>, Problem>;

const NOT_FOUND: Problem = Problem::Said(StatusCode::NOT_FOUND, "not_found");
const NO_ANSWER: Problem = Problem::Said(StatusCode::INTERNAL_SERVER_ERROR, "no_answer");

fn invalid(code: &'static str) -> Problem {
    Problem::Said(StatusCode::UNPROCESSABLE_ENTITY, code)
}

/// The body of a request that a merchant signed.
pub struct Signed(Bytes);

impl FromRequest<Sandbox> for Signed {
    type Rejection = Response;

    async fn from_request(request: Request, sandbox: &Sandbox) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(&mut parts, sandbox).await;
        let (method, headers) = (parts.method.clone(), parts.headers.clone());
        let body = Bytes::from_request(Request::from_parts(parts, body), sandbox).await;
        let body = body.map_err(IntoResponse::into_response)?;
        let now = sandbox.clock.now().unix_timestamp();
        signature::verify(&sandbox.settings.keys, &headers, method.as_str(), uri.path(), &body, now)
            .map_err(|code| Problem::Said(StatusCode::UNAUTHORIZED, code).into_response())?;
        Ok(Self(body))
    }
}

pub async fn create(State(sandbox): State<Sandbox>, Signed(body): Signed) -> Answer {
    let new: NewPayment = serde_json::from_slice(&body).map_err(|_| invalid("unreadable"))?;
    let now = sandbox.clock.now();
    let expires_at = OffsetDateTime::from_unix_timestamp(new.expires_at).map_err(|_| invalid("expires_at"))?;
    if new.amount_minor <= 0 || expires_at <= now || new.merchant_ref.len() > 64 {
        return Err(invalid("out_of_range"));
    }
    let mut conn = sandbox.pool.acquire().await?;
    let id = format!("sp_{}", Uuid::new_v4().simple());
    ledger::insert(&mut conn, &id, &new, (Protocol::Sandbox, json!({})), expires_at, now).await?;
    let payment = ledger::by_ref(&mut *conn, &new.merchant_ref).await?.ok_or(NOT_FOUND)?;
    match payment.amount_minor == new.amount_minor && payment.currency == new.currency {
        true => Ok(Json(sandbox.with_url(&payment))),
        false => Err(Problem::Said(StatusCode::CONFLICT, "reference_used")),
    }
}

pub async fn show(State(sandbox): State<Sandbox>, Path(merchant_ref): Path<String>, _: Signed) -> Answer {
    sandbox.ripen().await?;
    let payment = ledger::by_ref(&sandbox.pool, &merchant_ref).await?.ok_or(NOT_FOUND)?;
    sandbox.answers(&payment).await?;
    Ok(Json(sandbox.with_url(&payment)))
}

pub async fn close(State(sandbox): State<Sandbox>, Path(merchant_ref): Path<String>, _: Signed) -> Answer {
    sandbox.ripen().await?;
    let mut tx = crate::db::begin(&sandbox.pool).await?;
    let mut payment = ledger::lock_by_ref(&mut tx, &merchant_ref).await?.ok_or(NOT_FOUND)?;
    if payment.is_silent(sandbox.clock.now()) {
        drop(tx);
        return Err(sandbox.hang().await);
    }
    match payment.status.as_str() {
        "paid" => return Err(Problem::Said(StatusCode::CONFLICT, "already_paid")),
        "open" => {
            ledger::set_status(&mut tx, &payment.id, "closed").await?;
            payment.status = "closed".to_owned();
        }
        _ => {}
    }
    tx.commit().await?;
    Ok(Json(sandbox.with_url(&payment)))
}

pub async fn refund(State(sandbox): State<Sandbox>, Signed(body): Signed) -> Answer {
    let new: NewRefund = serde_json::from_slice(&body).map_err(|_| invalid("unreadable"))?;
    let now = sandbox.clock.now();
    let mut tx = crate::db::begin(&sandbox.pool).await?;
    let payment = ledger::lock_by_ref(&mut tx, &new.merchant_ref).await?.ok_or(NOT_FOUND)?;
    if let Some(before) = ledger::refund_by_no(&mut *tx, &new.merchant_refund_no).await? {
        return match before.amount_minor == new.amount_minor && before.payment_id == payment.id {
            true => Ok(Json(refund_body(&before))),
            false => Err(Problem::Said(StatusCode::CONFLICT, "refund_number_used")),
        };
    }
    let left = payment.received_minor.unwrap_or(0) - ledger::refunded(&mut tx, &payment.id).await?;
    if new.amount_minor <= 0 || new.amount_minor > left || new.currency != payment.currency {
        return Err(invalid("exceeds_payment"));
    }
    if new.amount_minor % 100 == 13 {
        return Err(invalid("insufficient_balance"));
    }
    let refund = Refund {
        id: format!("sr_{}", Uuid::new_v4().simple()),
        merchant_refund_no: new.merchant_refund_no,
        payment_id: payment.id,
        amount_minor: new.amount_minor,
        status: "accepted".to_owned(),
        details: json!({}),
    };
    ledger::insert_refund(&mut tx, &refund, now + REFUND_TAKES, now).await?;
    tx.commit().await?;
    if new.amount_minor % 100 == 15 { Err(NO_ANSWER) } else { Ok(Json(refund_body(&refund))) }
}

pub async fn show_refund(State(sandbox): State<Sandbox>, Path(merchant_refund_no): Path<String>, _: Signed) -> Answer {
    sandbox.ripen().await?;
    let refund = ledger::refund_by_no(&sandbox.pool, &merchant_refund_no).await?.ok_or(NOT_FOUND)?;
    Ok(Json(refund_body(&refund)))
}

/// What was booked on a day of UTC.
pub async fn statement(State(sandbox): State<Sandbox>, Path(day): Path<String>, _: Signed) -> Answer {
    sandbox.ripen().await?;
    let day = Date::parse(&day, &Iso8601::DATE).map_err(|_| invalid("day"))?;
    let from = day.midnight().assume_utc();
    let booked = ledger::day_lines(&sandbox.pool, from, from + Duration::days(1)).await?;
    let lines: Vec<Value> = booked.iter().map(|line| json!({
        "merchant_ref": line.merchant_ref, "transaction_id": line.transaction_id, "amount_minor": line.amount_minor,
        "currency": line.currency, "at": line.at.unix_timestamp(), "merchant_refund_no": line.merchant_refund_no,
        "refund_id": line.refund_id,
    })).collect();
    Ok(Json(json!({ "lines": lines })))
}

impl Sandbox {
    async fn answers(&self, payment: &Payment) -> Result<(), Problem> {
        if payment.is_silent(self.clock.now()) { Err(self.hang().await) } else { Ok(()) }
    }

    async fn hang(&self) -> Problem {
        tokio::time::sleep(self.settings.hang).await;
        NO_ANSWER
    }

    fn with_url(&self, payment: &Payment) -> Value {
        let mut body = payment_body(payment, &payment.status);
        body["url"] = format!("{}/pay/{}", self.settings.public_url, payment.id).into();
        body
    }
}

pub fn payment_body(payment: &Payment, status: &str) -> Value {
    json!({
        "id": payment.id, "merchant_ref": payment.merchant_ref, "status": status,
        "amount_minor": payment.amount_minor, "currency": payment.currency,
        "transaction_id": payment.transaction_id, "received_minor": payment.received_minor,
        "received_currency": payment.received_minor.map(|_| payment.currency.as_str()),
        "paid_at": payment.paid_at.map(OffsetDateTime::unix_timestamp),
        "expires_at": payment.expires_at.unix_timestamp(),
    })
}

pub fn refund_body(refund: &Refund) -> Value {
    json!({
        "id": refund.id, "merchant_refund_no": refund.merchant_refund_no, "status": refund.status,
        "amount_minor": refund.amount_minor,
        "failure": (refund.status == "failed").then_some("account_closed"),
    })
}
