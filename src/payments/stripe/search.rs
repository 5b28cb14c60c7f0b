//! Finding what we made without knowing its id: an answer that never came took the id with it.

use super::client::Client;
use super::wire::{Refund, Session};
use crate::payments::gateway::{GatewayError, Payment, RefundOrder};
use std::ops::ControlFlow;
use time::Duration;

/// Clocks differ.
const SLACK: Duration = Duration::minutes(5);

/// The session with our reference, among those made while the payment was open.
pub async fn session(client: &Client, payment: &Payment) -> Result<Option<Session>, GatewayError> {
    let fields = [
        ("limit", "25".to_owned()),
        ("created[gte]", (payment.created_at - SLACK).unix_timestamp().to_string()),
        ("created[lte]", (payment.expires_at + SLACK).unix_timestamp().to_string()),
    ];
    let mut found = None;
    let visit = |session: Session| match session.client_reference_id.as_deref() == Some(&payment.merchant_ref) {
        true => {
            found = Some(session);
            ControlFlow::Break(())
        }
        false => ControlFlow::Continue(()),
    };
    client.each("/v1/checkout/sessions", &fields, |session: &Session| &session.id, visit).await?;
    Ok(found)
}

/// The refund with our number, among those of its payment.
pub async fn refund(client: &Client, order: &RefundOrder) -> Result<Option<Refund>, GatewayError> {
    let fields = [("limit", "50".to_owned()), ("payment_intent", order.transaction.clone())];
    let mut found = None;
    let visit = |refund: Refund| match refund.merchant_refund_no() == Some(&order.merchant_refund_no) {
        true => {
            found = Some(refund);
            ControlFlow::Break(())
        }
        false => ControlFlow::Continue(()),
    };
    client.each("/v1/refunds", &fields, |refund: &Refund| &refund.id, visit).await?;
    Ok(found)
}
