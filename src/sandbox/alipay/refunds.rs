use super::request::Request;
use super::{INVALID, NOT_EXIST, Problem, Told, find, moment, yuan};
use crate::sandbox::Sandbox;
use crate::sandbox::ledger::{self, Payment, Refund};
use serde_json::json;
use sqlx::PgConnection;
use time::Duration;
use uuid::Uuid;

/// How long a refund that comes to nothing looks as if it might.
const IN_DOUBT: Duration = Duration::seconds(2);

fn failed(sub_code: &'static str) -> Problem {
    Problem::Said("40004", sub_code)
}

pub async fn refund(sandbox: &Sandbox, request: &Request) -> Told {
    let reference = request.said("out_trade_no").ok_or(INVALID)?;
    let amount = request.amount("refund_amount")?;
    let mut tx = crate::db::begin(&sandbox.pool).await?;
    let payment = ledger::lock_by_ref(&mut tx, &reference).await?.ok_or(NOT_EXIST)?;
    // A refund without a number of its own is one of the whole payment.
    let number = request.said("out_request_no").unwrap_or_else(|| reference.clone());
    let changed = match ledger::refund_by_no(&mut *tx, &number).await? {
        Some(before) => repeated(&payment, &before, amount).map(|()| false)?,
        None => {
            submit(sandbox, &mut tx, &payment, &number, amount).await?;
            tx.commit().await?;
            sandbox.ripen().await?;
            amount % 100 != 14
        }
    };
    if changed && amount % 100 == 15 {
        return Err(Problem::NoAnswer);
    }
    let mut conn = sandbox.pool.acquire().await?;
    let mut told = json!({
        "out_trade_no": payment.merchant_ref, "trade_no": payment.id,
        "fund_change": if changed { "Y" } else { "N" },
        "refund_fee": yuan(ledger::refunded(&mut conn, &payment.id).await?),
    });
    if changed {
        told["gmt_refund_pay"] = moment(sandbox.clock.now()).into();
    }
    Ok(told)
}

fn repeated(payment: &Payment, before: &Refund, amount: i64) -> Result<(), Problem> {
    match before.status.as_str() {
        _ if before.amount_minor != amount || before.payment_id != payment.id => {
            Err(failed("ACQ.DISCORDANT_REPEAT_REQUEST"))
        }
        "failed" => Err(failed("ACQ.TRADE_HAS_FINISHED")),
        _ => Ok(()),
    }
}

async fn submit(
    sandbox: &Sandbox,
    conn: &mut PgConnection,
    payment: &Payment,
    number: &str,
    amount: i64,
) -> Result<(), Problem> {
    let left = payment.received_minor.unwrap_or(0) - ledger::refunded(conn, &payment.id).await?;
    match () {
        () if payment.status != "paid" => return Err(failed("ACQ.TRADE_STATUS_ERROR")),
        () if amount > left => return Err(failed("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")),
        () if amount % 100 == 13 => return Err(failed("ACQ.SELLER_BALANCE_NOT_ENOUGH")),
        () => {}
    }
    let refund = Refund {
        id: format!("sr_{}", Uuid::new_v4().simple()),
        merchant_refund_no: number.to_owned(),
        payment_id: payment.id.clone(),
        amount_minor: amount,
        details: json!({}),
        status: "accepted".to_owned(),
    };
    let now = sandbox.clock.now();
    let finishes_at = if amount % 100 == 14 { now + IN_DOUBT } else { now };
    Ok(ledger::insert_refund(conn, &refund, finishes_at, now).await?)
}

/// Answered with success whether there is such a refund or not; only one that was made is described.
pub async fn query(sandbox: &Sandbox, request: &Request) -> Told {
    let payment = find(sandbox, request).await?;
    let number = request.said("out_request_no").ok_or(INVALID)?;
    let found = ledger::refund_by_no(&sandbox.pool, &number).await?;
    match found.filter(|refund| refund.payment_id == payment.id && refund.status == "succeeded") {
        None => Ok(json!({})),
        Some(refund) => Ok(json!({
            "out_trade_no": payment.merchant_ref, "trade_no": payment.id, "out_request_no": number,
            "total_amount": yuan(payment.received_minor.unwrap_or(0)), "refund_amount": yuan(refund.amount_minor),
            "refund_status": "REFUND_SUCCESS",
        })),
    }
}
