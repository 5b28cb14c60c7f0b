use super::client::{CONTENT, Client};
use super::moment;
use crate::config;
use crate::lang::Lang;
use crate::money::{Currency, Money};
use crate::payments::gateway::*;
use crate::payments::model::Device;
use serde::Deserialize;
use serde_json::json;

/// Nobody has opened the page yet, so that there is nothing to ask about, nor to close.
const NOT_YET: &[&str] = &["ACQ.TRADE_NOT_EXIST"];
/// What was asked does not fit the state the trade is in: paid, closed or finished.
const OTHER_STATE: &[&str] = &[
    "ACQ.TRADE_HAS_SUCCESS",
    "ACQ.TRADE_HAS_FINISHED",
    "ACQ.TRADE_HAS_CLOSE",
    "ACQ.TRADE_STATUS_ERROR",
    "ACQ.REASON_TRADE_STATUS_INVALID",
    "ACQ.REASON_ILLEGAL_STATUS",
];

#[derive(Deserialize)]
struct Trade {
    out_trade_no: String,
    trade_no: String,
    trade_status: String,
    total_amount: String,
    #[serde(default)]
    send_pay_date: Option<String>,
}

#[derive(Deserialize)]
struct Accepted {}

impl Client {
    /// Signed here and told to nobody: it can't time out, and the trade begins when the payer arrives.
    pub fn create(&self, payment: &Payment) -> Result<Created, GatewayError> {
        let (method, product) = match payment.payer.device {
            Device::Desktop => ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
            Device::Phone => ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
        };
        let mut content = json!({
            "out_trade_no": payment.merchant_ref,
            "total_amount": yuan(payment.amount)?,
            "subject": subject(payment),
            "product_code": product,
            "time_expire": moment::write(payment.expires_at),
        });
        if payment.payer.device == Device::Phone {
            content["quit_url"] = payment.return_url.clone().into();
        }
        let more = [
            ("notify_url", self.merchant.notify_url.clone()),
            ("return_url", payment.return_url.clone()),
            (CONTENT, content.to_string()),
        ];
        let url = self.signed(method, &more)?;
        Ok(Created { provider_ref: None, presentation: Presentation::Redirect(url.into()) })
    }

    pub async fn query(&self, payment: &Payment) -> Result<Standing, GatewayError> {
        let asked = json!({ "out_trade_no": payment.merchant_ref });
        match self.ask::<Trade>("alipay.trade.query", &asked).await {
            Ok(trade) => trade.standing(payment, self.clock.now()),
            Err(failure) if failure.is_rejected(NOT_YET) => Ok(Standing::NotYetCreated),
            Err(failure) => Err(failure),
        }
    }

    pub async fn close(&self, payment: &Payment) -> Result<CloseAnswer, GatewayError> {
        let asked = json!({ "out_trade_no": payment.merchant_ref });
        match self.ask::<Accepted>("alipay.trade.close", &asked).await {
            Ok(Accepted {}) => Ok(CloseAnswer::Closed),
            Err(failure) if failure.is_rejected(NOT_YET) => Ok(CloseAnswer::NotYetCreated),
            Err(failure) if failure.is_rejected(OTHER_STATE) => match self.query(payment).await? {
                Standing::Paid(_) => Ok(CloseAnswer::AlreadyPaid),
                Standing::Closed => Ok(CloseAnswer::Closed),
                standing => Err(GatewayError::Unknown(format!("can't be closed, yet is {standing:?}"))),
            },
            Err(failure) => Err(failure),
        }
    }
}

impl Trade {
    fn standing(self, payment: &Payment, now: time::OffsetDateTime) -> Result<Standing, GatewayError> {
        let contradicts = || GatewayError::Unknown("the answer contradicts itself".to_owned());
        if self.out_trade_no != payment.merchant_ref {
            return Err(GatewayError::Unknown("the answer speaks of another payment".to_owned()));
        }
        match self.trade_status.as_str() {
            "WAIT_BUYER_PAY" => Ok(Standing::Open),
            "TRADE_SUCCESS" | "TRADE_FINISHED" => Ok(Standing::Paid(MoneyIn {
                transaction: self.trade_no,
                received: Money::parse(&self.total_amount, Currency::Cny).map_err(|_| contradicts())?,
                at: self.send_pay_date.as_deref().and_then(moment::read).unwrap_or(now),
            })),
            // Never paid, or paid and wholly given back: no money of it is with us either way.
            "TRADE_CLOSED" => Ok(Standing::Closed),
            _ => Err(contradicts()),
        }
    }
}

pub fn yuan(amount: Money) -> Result<String, GatewayError> {
    match amount.currency {
        Currency::Cny => Ok(crate::decimal::write(amount.minor, Currency::Cny.exponent())),
        other => Err(GatewayError::Rejected(format!("no {other}"))),
    }
}

/// Alipay refuses some signs in it, and `&` would let one signed text be read as two.
fn subject(payment: &Payment) -> String {
    let language = Lang::parse(&payment.language).unwrap_or_default();
    let text = format!("{} {}", config::brand().name(language), payment.order_number);
    text.chars().filter(|sign| !"/=&\"'<>\\+%".contains(*sign) && !sign.is_control()).take(120).collect()
}
