use super::super::Sandbox;
use super::super::ledger::{Due, Payment, Refund};
use super::super::protocol::{Happened, Message};
use super::orders::transaction;
use super::{account, seal};
use crate::ids::readable;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::offset;
use uuid::Uuid;

/// What is sent later, its resource still open: each delivery is sealed and signed anew.
/// WeChat Pay tells of money only, never that a payer was declined.
pub fn message(payment: &Payment, happened: Happened<'_>, at: OffsetDateTime) -> Option<Message> {
    let (event, original, resource) = match happened {
        Happened::Paid => ("TRANSACTION.SUCCESS".to_owned(), "transaction", transaction(payment, "SUCCESS")),
        Happened::Refund { refund, .. } => {
            (format!("REFUND.{}", status(refund)), "refund", refunded(payment, refund, at))
        }
        Happened::Declined | Happened::Processing => return None,
    };
    let id = Uuid::new_v4().to_string();
    let body = json!({
        "id": id, "create_time": moment(at), "resource_type": "encrypt-resource", "event_type": event,
        "summary": event, "resource": { "original_type": original, "open": resource },
    });
    Some(Message { id, body: body.to_string() })
}

/// A refund's state in WeChat Pay's words.
pub fn status(refund: &Refund) -> &'static str {
    match refund.status.as_str() {
        "succeeded" => "SUCCESS",
        "failed" => "ABNORMAL",
        _ => "PROCESSING",
    }
}

fn refunded(payment: &Payment, refund: &Refund, at: OffsetDateTime) -> Value {
    json!({
        "mchid": account::MCHID, "out_trade_no": payment.merchant_ref, "transaction_id": payment.transaction_id,
        "out_refund_no": refund.merchant_refund_no, "refund_id": refund.id, "refund_status": status(refund),
        "success_time": moment(at), "user_received_account": "支付用户零钱",
        "amount": {
            "total": payment.received_minor, "refund": refund.amount_minor,
            "payer_total": payment.received_minor, "payer_refund": refund.amount_minor,
        },
    })
}

pub fn moment(at: OffsetDateTime) -> String {
    at.to_offset(offset!(+8)).truncate_to_second().format(&Rfc3339).unwrap_or_default()
}

impl Sandbox {
    pub fn wechat_notification(&self, due: &Due, now: OffsetDateTime) -> RequestBuilder {
        let body = sealed(&due.body).unwrap_or_default();
        let request = self.http.post(&due.url).header("content-type", "application/json");
        let signature = account::signature(&body, now);
        signature.into_iter().fold(request, |request, (name, value)| request.header(name, value)).body(body)
    }
}

fn sealed(body: &str) -> Option<String> {
    let mut body: Value = serde_json::from_str(body).ok()?;
    let resource = body.get_mut("resource")?;
    let associated = resource["original_type"].as_str()?.to_owned();
    let nonce = readable(12);
    let ciphertext = seal::encrypt(&resource["open"].to_string(), &nonce, &associated)?;
    *resource = json!({
        "original_type": associated, "algorithm": "AEAD_AES_256_GCM", "ciphertext": ciphertext,
        "associated_data": associated, "nonce": nonce,
    });
    Some(body.to_string())
}
