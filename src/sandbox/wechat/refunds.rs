use super::super::Sandbox;
use super::super::api::REFUND_TAKES;
use super::super::ledger::{self, Payment, Refund};
use super::Admitted;
use super::account::{Refusal, answer};
use super::notify::{moment, status};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Deserialize)]
struct NewRefund {
    #[serde(default)]
    transaction_id: Option<String>,
    #[serde(default)]
    out_trade_no: Option<String>,
    out_refund_no: String,
    amount: Amount,
}

#[derive(Deserialize)]
struct Amount {
    refund: i64,
    total: i64,
    currency: String,
}

type Answer = Result<Response, Refusal>;

pub async fn create(State(sandbox): State<Sandbox>, Admitted(body): Admitted) -> Answer {
    let new: NewRefund =
        serde_json::from_slice(&body).map_err(|_| sandbox.refusal(StatusCode::BAD_REQUEST, "PARAM_ERROR"))?;
    let (payment, refund) = match sandbox.give_back(&new).await {
        Ok(Ok(done)) => done,
        Ok(Err((status, code))) => return Err(sandbox.refusal(status, code)),
        Err(error) => return Err(sandbox.broken(&error)),
    };
    match refund.amount_minor % 100 == 15 && refund.status == "accepted" {
        true => Err(sandbox.refusal(StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR")),
        false => Ok(sandbox.refund_answer(&payment, &refund)),
    }
}

pub async fn show(State(sandbox): State<Sandbox>, Path(no): Path<String>, Admitted(_): Admitted) -> Answer {
    sandbox.ripen().await.map_err(|error| sandbox.broken(&error))?;
    let found = sandbox.refund_of_wechat(&no).await.map_err(|error| sandbox.broken(&error))?;
    let (payment, refund) = found.ok_or_else(|| sandbox.refusal(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS"))?;
    Ok(sandbox.refund_answer(&payment, &refund))
}

type Said = Result<(Payment, Refund), (StatusCode, &'static str)>;

impl Sandbox {
    async fn give_back(&self, new: &NewRefund) -> sqlx::Result<Said> {
        let now = self.clock.now();
        let mut tx = crate::db::begin(&self.pool).await?;
        let by_number = match (&new.transaction_id, &new.out_trade_no) {
            (Some(number), _) => ledger::lock_by_transaction(&mut tx, number).await?,
            (None, Some(reference)) => ledger::lock_by_ref(&mut tx, reference).await?,
            (None, None) => None,
        };
        let Some(payment) = by_number.and_then(Payment::of_wechat) else {
            return Ok(Err((StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS")));
        };
        if let Some(before) = ledger::refund_by_no(&mut *tx, &new.out_refund_no).await? {
            let same = before.amount_minor == new.amount.refund && before.payment_id == payment.id;
            return Ok(if same { Ok((payment, before)) } else { Err((StatusCode::BAD_REQUEST, "INVALID_REQUEST")) });
        }
        let received = payment.received_minor.unwrap_or(0);
        let left = received - ledger::refunded(&mut tx, &payment.id).await?;
        let amount = &new.amount;
        if amount.total != received || amount.currency != "CNY" || amount.refund <= 0 || amount.refund > left {
            return Ok(Err((StatusCode::BAD_REQUEST, "INVALID_REQUEST")));
        }
        if amount.refund % 100 == 13 {
            return Ok(Err((StatusCode::FORBIDDEN, "NOT_ENOUGH")));
        }
        let refund = Refund {
            id: format!("5030{}", Uuid::new_v4().as_u128() % 10_u128.pow(24)),
            merchant_refund_no: new.out_refund_no.clone(),
            payment_id: payment.id.clone(),
            amount_minor: amount.refund,
            status: "accepted".to_owned(),
            details: json!({}),
        };
        ledger::insert_refund(&mut tx, &refund, now + REFUND_TAKES, now).await?;
        tx.commit().await?;
        Ok(Ok((payment, refund)))
    }

    async fn refund_of_wechat(&self, no: &str) -> sqlx::Result<Option<(Payment, Refund)>> {
        let Some(refund) = ledger::refund_by_no(&self.pool, no).await? else { return Ok(None) };
        let payment = ledger::by_id(&self.pool, &refund.payment_id).await?.and_then(Payment::of_wechat);
        Ok(payment.map(|payment| (payment, refund)))
    }

    fn refund_answer(&self, payment: &Payment, refund: &Refund) -> Response {
        answer(StatusCode::OK, Some(refund_body(payment, refund, &moment(self.clock.now()))), self.clock.now())
    }
}

fn refund_body(payment: &Payment, refund: &Refund, now: &str) -> Value {
    json!({
        "refund_id": refund.id, "out_refund_no": refund.merchant_refund_no, "status": status(refund),
        "transaction_id": payment.transaction_id, "out_trade_no": payment.merchant_ref, "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱", "create_time": now, "funds_account": "AVAILABLE",
        "amount": {
            "total": payment.received_minor, "refund": refund.amount_minor, "payer_total": payment.received_minor,
            "payer_refund": refund.amount_minor, "settlement_refund": refund.amount_minor,
            "settlement_total": payment.received_minor, "discount_refund": 0, "currency": "CNY",
        },
    })
}
