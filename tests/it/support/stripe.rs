//! The merchant's account at the rehearsed Stripe, and what Stripe would tell of a payment.

use super::payments::{AMOUNT, World};
use super::peers;
use renewal_portal::ids::{AttemptId, OrderId};
use renewal_portal::payments::Presentation;
use renewal_portal::payments::stripe::{Settings, StripeGateway};
use renewal_portal::sandbox::StripeAccount;
use serde_json::{Value, json};

pub const KEY: &str = "sk_test_of_these_tests";
pub const SECRET: &str = "whsec_of_these_tests_and_no_other";
/// On its way out while the other is rolled in.
pub const OLD_SECRET: &str = "whsec_of_the_tests_before_these";

pub fn account(base: &str) -> StripeAccount {
    StripeAccount {
        key: KEY.into(),
        webhook_secrets: vec![SECRET.into()],
        notify_url: format!("{base}/webhooks/stripe"),
    }
}

pub fn adapter(base: &str, key: &str) -> StripeGateway {
    let settings = Settings {
        address: format!("{base}/sandbox/stripe").parse().unwrap(),
        key: key.into(),
        webhook_secrets: vec![SECRET.into(), OLD_SECRET.into()],
        timeout: super::PATIENCE,
    };
    StripeGateway::new(settings).unwrap()
}

/// The header an official library puts on this notification.
pub async fn signed_by(library: &str, secret: &str, seconds: i64, body: &str) -> String {
    let question = json!({ "task": "sign", "body": body, "secret": secret, "seconds": seconds });
    peers::ask(library, &question).await
}

/// A paid session, as Stripe tells of it.
pub fn paid(event: &str, merchant_ref: &str) -> Value {
    json!({
        "id": event, "object": "event", "api_version": "2026-10-28.endive", "created": 1_790_000_000,
        "type": "checkout.session.completed", "livemode": false, "pending_webhooks": 1,
        "data": { "object": {
            "id": "cs_test_1", "object": "checkout.session", "livemode": false, "created": 1_789_999_000,
            "status": "complete", "payment_status": "paid", "amount_total": AMOUNT, "currency": "cny",
            "client_reference_id": merchant_ref, "payment_intent": "pi_1", "metadata": {}, "url": null,
        } },
    })
}

impl World {
    /// A line has one open order, so those before it are over.
    pub async fn another_order(&self) -> OrderId {
        let over = "update orders set status = 'expired' where status = 'awaiting_payment'";
        sqlx::query(over).execute(&self.db.pool).await.unwrap();
        self.order().await
    }

    /// A fresh order's attempt at Stripe, made ready; and the payer's page.
    pub async fn started_at_stripe(&self) -> (AttemptId, String) {
        let attempt = self.open_at("stripe", self.another_order().await).await;
        let Presentation::Redirect(url) = self.start(attempt).await else { panic!("Stripe redirects") };
        (attempt, url)
    }

    pub async fn tell_as_stripe(&self, body: impl Into<Vec<u8>>, header: &str) -> u16 {
        let request = self.http.post(format!("{}/webhooks/stripe", self.base)).header("stripe-signature", header);
        request.body(body.into()).send().await.unwrap().status().as_u16()
    }
}
