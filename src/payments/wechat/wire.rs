//! The shapes on the wire, read with no more than is needed.

use crate::money::{Currency, Money};
use crate::payments::gateway::{MoneyIn, RefundAnswer, RefundState, Standing};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[derive(Serialize)]
pub struct NewOrder<'a> {
    pub appid: &'a str,
    pub mchid: &'a str,
    pub description: String,
    pub out_trade_no: &'a str,
    pub time_expire: String,
    pub notify_url: &'a str,
    pub amount: NewAmount,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scene_info: Option<Scene<'a>>,
}

#[derive(Serialize)]
pub struct NewAmount {
    pub total: i64,
    pub currency: &'static str,
}

#[derive(Serialize)]
pub struct Scene<'a> {
    pub payer_client_ip: &'a str,
    pub h5_info: H5Info,
}

#[derive(Serialize)]
pub struct H5Info {
    #[serde(rename = "type")]
    pub kind: &'static str,
}

#[derive(Deserialize)]
pub struct NewNative {
    pub code_url: String,
}

#[derive(Deserialize)]
pub struct NewH5 {
    pub h5_url: String,
}

/// An order of theirs, answered or notified.
#[derive(Deserialize)]
pub struct Transaction {
    pub mchid: String,
    pub appid: String,
    pub out_trade_no: String,
    pub trade_state: String,
    #[serde(default)]
    pub trade_state_desc: Option<String>,
    #[serde(default)]
    pub transaction_id: Option<String>,
    #[serde(default)]
    pub success_time: Option<String>,
    #[serde(default)]
    pub amount: Option<Amount>,
}

/// `total` is what was asked; coupons lower only what the payer pays, which is no business of ours.
#[derive(Deserialize)]
pub struct Amount {
    pub total: i64,
    #[serde(default)]
    pub currency: Option<String>,
}

impl Transaction {
    /// `None`: it contradicts itself and can't be trusted.
    pub fn standing(&self) -> Option<Standing> {
        match self.trade_state.as_str() {
            // What was refunded was paid before.
            "SUCCESS" | "REFUND" => self.money().map(Standing::Paid),
            "NOTPAY" => Some(Standing::Open),
            "USERPAYING" | "ACCEPT" => Some(Standing::Processing),
            "CLOSED" | "REVOKED" => Some(Standing::Closed),
            "PAYERROR" => Some(Standing::Declined(self.trade_state_desc.clone().unwrap_or_default())),
            _ => None,
        }
    }

    pub fn money(&self) -> Option<MoneyIn> {
        let amount = self.amount.as_ref().filter(|amount| amount.total >= 0)?;
        Some(MoneyIn {
            transaction: self.transaction_id.clone().filter(|id| !id.is_empty())?,
            received: Money::new(amount.total, currency(amount.currency.as_deref())?),
            at: moment(self.success_time.as_deref()?)?,
        })
    }
}

/// WeChat Pay leaves the currency out where only one is possible.
fn currency(code: Option<&str>) -> Option<Currency> {
    code.map_or(Some(Currency::Cny), |code| Currency::parse(code).ok())
}

pub fn moment(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

#[derive(Serialize)]
pub struct CloseOrder<'a> {
    pub mchid: &'a str,
}

#[derive(Serialize)]
pub struct NewRefund<'a> {
    pub transaction_id: &'a str,
    pub out_refund_no: &'a str,
    pub reason: &'a str,
    pub notify_url: &'a str,
    pub amount: NewRefundAmount,
}

#[derive(Serialize)]
pub struct NewRefundAmount {
    pub refund: i64,
    pub total: i64,
    pub currency: &'static str,
}

/// A refund as it is answered.
#[derive(Deserialize)]
pub struct Refund {
    pub refund_id: String,
    pub out_refund_no: String,
    pub status: String,
}

impl Refund {
    pub fn answer(self) -> Option<RefundAnswer> {
        Some(RefundAnswer { state: refund_state(&self.status)?, provider_refund_id: Some(self.refund_id) })
    }
}

/// `ABNORMAL`: the money could not be returned to where it came from, and a person has to act.
pub fn refund_state(status: &str) -> Option<RefundState> {
    match status {
        "SUCCESS" => Some(RefundState::Succeeded),
        "PROCESSING" => Some(RefundState::Accepted),
        "ABNORMAL" | "CLOSED" => Some(RefundState::Failed(status.to_owned())),
        _ => None,
    }
}

/// A refund as it is notified.
#[derive(Deserialize)]
pub struct NotifiedRefund {
    pub mchid: String,
    pub out_trade_no: String,
    pub transaction_id: String,
    pub out_refund_no: String,
    pub refund_id: String,
    pub refund_status: String,
    pub amount: RefundAmount,
}

#[derive(Deserialize)]
pub struct RefundAmount {
    pub refund: i64,
    #[serde(default)]
    pub currency: Option<String>,
}

impl NotifiedRefund {
    pub fn money(&self) -> Option<Money> {
        Some(Money::new(
            Some(self.amount.refund).filter(|minor| *minor >= 0)?,
            currency(self.amount.currency.as_deref())?,
        ))
    }
}
