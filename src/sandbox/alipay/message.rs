//! What the merchant is told unasked: a form, with one `notify_id` for all deliveries of one event.

use super::{Contract, moment, trades, yuan};
use crate::sandbox::ledger::{Due, Payment};
use crate::sandbox::protocol::{Happened, Message};
use reqwest::{Client, RequestBuilder, Url};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// Minutes 4, 10 and 10, then hours 1, 2, 6 and 15: eight deliveries in all.
pub fn waits() -> &'static [i32] {
    &[240, 600, 600, 3600, 7200, 21600, 54000]
}

/// A payer who declines and a refund that failed are told to nobody.
pub fn message(payment: &Payment, happened: Happened<'_>, at: OffsetDateTime) -> Option<Message> {
    let id = format!("{}00222{}", moment(at).replace(['-', ' ', ':'], ""), Uuid::new_v4().simple());
    let mut params = common(payment, &id);
    let more = match happened {
        Happened::Declined => return None,
        Happened::Refund { refund, .. } if refund.status != "succeeded" => return None,
        Happened::Processing => json!({ "trade_status": "WAIT_BUYER_PAY" }),
        Happened::Paid => paid(payment, 0, at),
        Happened::Refund { refund, total } => {
            let mut more = paid(payment, total, at);
            more["refund_fee"] = yuan(total).into();
            more["gmt_refund"] = format!("{}.217", moment(at)).into();
            more["out_biz_no"] = refund.merchant_refund_no.clone().into();
            more
        }
    };
    if let (Value::Object(params), Value::Object(more)) = (&mut params, more) {
        params.extend(more);
    }
    Some(Message { id, body: params.to_string() })
}

fn common(payment: &Payment, id: &str) -> Value {
    json!({
        "notify_id": id, "notify_type": "trade_status_sync", "charset": "utf-8", "version": "1.0",
        "app_id": payment.details["app_id"], "auth_app_id": payment.details["app_id"],
        "seller_id": payment.details["seller_id"], "subject": payment.details["subject"],
        "buyer_id": "2088000000000018", "buyer_logon_id": "pay***@demo.example",
        "out_trade_no": payment.merchant_ref, "trade_no": payment.id,
        "total_amount": yuan(payment.received_minor.unwrap_or(payment.amount_minor)),
    })
}

fn paid(payment: &Payment, back: i64, at: OffsetDateTime) -> Value {
    let received = yuan(payment.received_minor.unwrap_or(0));
    json!({
        "trade_status": trades::status(payment, back), "gmt_payment": moment(payment.paid_at.unwrap_or(at)),
        "receipt_amount": received, "buyer_pay_amount": received, "invoice_amount": received, "point_amount": "0.00",
        "fund_bill_list": json!([{ "amount": received, "fundChannel": "ALIPAYACCOUNT" }]).to_string(),
    })
}

/// Signed when it is sent, because it says when.
pub fn send(http: &Client, contract: Option<&Contract>, due: &Due, now: OffsetDateTime) -> RequestBuilder {
    let mut params: BTreeMap<String, String> = serde_json::from_str(&due.body).unwrap_or_default();
    params.insert("notify_time".to_owned(), moment(now));
    let text: Vec<String> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let sign = contract.map(|contract| contract.signer.sign(text.join("&").as_bytes())).unwrap_or_default();
    params.extend([("sign_type".to_owned(), "RSA2".to_owned()), ("sign".to_owned(), sign)]);
    let form = Url::parse_with_params("http://form", &params).ok();
    http.post(&due.url)
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(form.and_then(|url| url.query().map(str::to_owned)).unwrap_or_default())
}
