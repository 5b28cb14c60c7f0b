use super::client::Client;
use super::orders::contradicts;
use super::wire::{NewRefund, NewRefundAmount, Refund};
use crate::payments::gateway::{GatewayError, RefundAnswer, RefundOrder};

impl Client {
    /// The answer says no more than that it was taken; how it ends is notified, or asked for.
    pub async fn refund(&self, refund: &RefundOrder) -> Result<RefundAnswer, GatewayError> {
        let body = NewRefund {
            transaction_id: &refund.transaction,
            out_refund_no: &refund.merchant_refund_no,
            reason: refund.reason,
            notify_url: &self.merchant.notify_url,
            amount: NewRefundAmount {
                refund: refund.amount.minor,
                total: refund.received.minor,
                currency: refund.amount.currency.code(),
            },
        };
        let taken: Refund = self.post("/v3/refund/domestic/refunds", &body).await?;
        answer(taken, refund)
    }

    pub async fn query_refund(&self, refund: &RefundOrder) -> Result<Option<RefundAnswer>, GatewayError> {
        let path = format!("/v3/refund/domestic/refunds/{}", refund.merchant_refund_no);
        match self.get::<Refund>(&path).await {
            Ok(found) => answer(found, refund).map(Some),
            Err(failure) if failure.is_rejected(&["RESOURCE_NOT_EXISTS"]) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

fn answer(found: Refund, asked: &RefundOrder) -> Result<RefundAnswer, GatewayError> {
    match found.out_refund_no == asked.merchant_refund_no {
        true => found.answer().ok_or_else(contradicts),
        false => Err(contradicts()),
    }
}
