use super::client::Client;
use super::trades::yuan;
use crate::money::{Currency, Money};
use crate::payments::gateway::*;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Submitted {
    #[serde(default)]
    fund_change: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    out_request_no: Option<String>,
    refund_amount: Option<String>,
    refund_status: Option<String>,
}

impl Client {
    pub async fn refund(&self, refund: &RefundOrder) -> Result<RefundAnswer, GatewayError> {
        let asked = json!({
            "out_trade_no": refund.payment.merchant_ref,
            "refund_amount": yuan(refund.amount)?,
            "out_request_no": refund.merchant_refund_no,
            "refund_reason": refund.reason,
        });
        let submitted: Submitted = self.ask("alipay.trade.refund", &asked).await?;
        if submitted.fund_change == "Y" {
            return Ok(is(RefundState::Succeeded));
        }
        // `N` says that this call moved nothing: an earlier one may have, or it is still on its way.
        Ok(self.query_refund(refund).await?.unwrap_or(is(RefundState::Accepted)))
    }

    pub async fn query_refund(&self, refund: &RefundOrder) -> Result<Option<RefundAnswer>, GatewayError> {
        let asked = json!({
            "out_trade_no": refund.payment.merchant_ref,
            "out_request_no": refund.merchant_refund_no,
        });
        match self.ask::<Found>("alipay.trade.fastpay.refund.query", &asked).await {
            Ok(found) => found.answer(refund),
            Err(failure) if failure.is_rejected(&["ACQ.TRADE_NOT_EXIST"]) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

impl Found {
    /// Also a refund nobody asked for is answered with success; only one that happened has a number and an amount.
    fn answer(self, refund: &RefundOrder) -> Result<Option<RefundAnswer>, GatewayError> {
        let (Some(number), Some(amount)) = (self.out_request_no, self.refund_amount) else { return Ok(None) };
        if number != refund.merchant_refund_no || Money::parse(&amount, Currency::Cny) != Ok(refund.amount) {
            return Err(GatewayError::Unknown("the answer speaks of another refund".to_owned()));
        }
        match self.refund_status.as_deref() {
            None | Some("" | "REFUND_SUCCESS") => Ok(Some(is(RefundState::Succeeded))),
            Some("REFUND_PROCESSING") => Ok(Some(is(RefundState::Accepted))),
            Some("REFUND_FAIL") => Ok(Some(is(RefundState::Failed("REFUND_FAIL".to_owned())))),
            Some(other) => Err(GatewayError::Unknown(format!("a refund that is {other}"))),
        }
    }
}

/// Alipay gives refunds no number but ours.
fn is(state: RefundState) -> RefundAnswer {
    RefundAnswer { provider_refund_id: None, state }
}
