//! WeChat Pay's side of things: the demo's keys in the hands of libraries that are not ours.

use super::peers::ask;
use super::portal::TestPortal;
use super::shopper::Shopper;
use renewal_portal::clock::Clock;
use renewal_portal::http_client::Http;
use renewal_portal::ids::OrderId;
use renewal_portal::money::{Currency, Money};
use renewal_portal::payments::gateway::{Payer, Payment};
use renewal_portal::payments::model::Device;
use renewal_portal::payments::rsa::PrivateKey;
use renewal_portal::payments::wechat::{ApiV3Key, Keyring, Merchant, WechatGateway};
use renewal_portal::sandbox::wechat::account::{APPID, GATEWAY_SERIAL, MCHID, MERCHANT_SERIAL};
use serde::Deserialize;
use serde_json::{Value, json};

pub const MERCHANT: &str = include_str!("../../../assets/demo-keys/wechat-merchant.pem");
pub const MERCHANT_PUBLIC: &str = include_str!("../../../assets/demo-keys/wechat-merchant-public.pem");
pub const GATEWAY: &str = include_str!("../../../assets/demo-keys/wechat-gateway.pem");
pub const GATEWAY_PUBLIC: &str = include_str!("../../../assets/demo-keys/wechat-gateway-public.pem");
pub const SECRET: &str = include_str!("../../../assets/demo-keys/wechat-api-v3-key.txt");
pub const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1";

#[derive(Clone, Debug, Deserialize)]
pub struct Signed {
    pub body: String,
    pub timestamp: String,
    pub nonce: String,
    pub serial: String,
    pub signature: String,
}

/// A notification made by a peer; what is in `more` wins over what is usual.
pub async fn notification(event: &str, resource: Value, seconds: i64, more: Value) -> Signed {
    let mut question = json!({
        "task": "notify", "event": event, "resource": resource, "secret": SECRET, "serial": GATEWAY_SERIAL,
        "seconds": seconds, "key": GATEWAY, "id": format!("evt-{}", renewal_portal::ids::readable(12)),
    });
    question.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    ask("wechat.mjs", &question).await
}

/// What WeChat Pay says of an order that was paid.
pub fn paid(reference: &str, total: i64) -> Value {
    json!({
        "mchid": MCHID, "appid": APPID, "out_trade_no": reference, "transaction_id": format!("42{reference}"),
        "trade_type": "NATIVE", "trade_state": "SUCCESS", "trade_state_desc": "支付成功", "bank_type": "OTHERS",
        "success_time": "2026-11-22T14:00:00+08:00", "payer": { "openid": "o1" },
        "amount": { "total": total, "payer_total": total - 100, "currency": "CNY", "payer_currency": "CNY" },
    })
}

/// One call each of a peer acting as the merchant.
pub async fn calls(portal: &TestPortal, calls: Value) -> Vec<Value> {
    ask(
        "wechat.mjs",
        &json!({
            "task": "call", "address": format!("{}/sandbox/wechat/", portal.url), "mchid": MCHID,
            "serial": MERCHANT_SERIAL, "key": MERCHANT, "certs": { GATEWAY_SERIAL: GATEWAY_PUBLIC }, "calls": calls,
        }),
    )
    .await
}

/// The adapter with the demo's keys.
pub fn gateway(address: &str) -> WechatGateway {
    gateway_with(address, SECRET, &Clock::real())
}

/// The same, with another key to what notifications carry.
pub fn gateway_with(address: &str, api_v3_key: &str, clock: &Clock) -> WechatGateway {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let merchant = Merchant {
        address: address.parse().unwrap(),
        mchid: MCHID.into(),
        appid: APPID.into(),
        private_key: PrivateKey::read(MERCHANT).unwrap(),
        serial: MERCHANT_SERIAL.into(),
        api_v3_key: ApiV3Key::parse(&api_v3_key.into()).unwrap(),
        keyring: Keyring::parse(&format!("{GATEWAY_SERIAL}={GATEWAY_PUBLIC}")).unwrap(),
        notify_url: "https://renew.example/webhooks/wechat".into(),
    };
    WechatGateway::new(merchant, Http::new(super::PATIENCE).unwrap(), clock.clone())
}

pub fn payment(device: Device) -> Payment {
    let now = time::OffsetDateTime::now_utc();
    Payment {
        merchant_ref: "RABCDEFGHIJKLMNOPQRSTUVWXY".into(),
        provider_ref: None,
        method: "wechat".into(),
        amount: Money::new(4200, Currency::Cny),
        order_number: "R-7K2M-9QXA".into(),
        language: "zh-CN".into(),
        return_url: "https://renew.example/orders/1?from=payment".into(),
        payer: Payer { device, address: "203.0.113.7".into() },
        created_at: now,
        expires_at: now + time::Duration::minutes(35),
    }
}

impl TestPortal {
    pub async fn notified_by_wechat(&self, signed: &Signed) -> (u16, String) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http
            .post(format!("{}/webhooks/wechat", self.url))
            .header("wechatpay-timestamp", &signed.timestamp)
            .header("wechatpay-nonce", &signed.nonce)
            .header("wechatpay-serial", &signed.serial)
            .header("wechatpay-signature", &signed.signature)
            .body(signed.body.clone())
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The reference of the order's payment, and its amount.
    pub async fn payment_of(&self, order: OrderId) -> (String, i64) {
        sqlx::query_as(
            "select merchant_ref, amount_minor from payment_attempts where order_id = $1 order by created_at desc limit 1",
        )
        .bind(order)
        .fetch_one(&self.db.pool)
        .await
        .unwrap()
    }

    /// How many rows say anything of money: nothing changed if it did not.
    pub async fn traces(&self) -> i64 {
        sqlx::query_scalar(
            "select (select count(*) from gateway_events) + (select count(*) from payment_attempts where status = 'succeeded')
                  + (select count(*) from refunds)",
        )
        .fetch_one(&self.db.pool)
        .await
        .unwrap()
    }
}

impl Shopper {
    /// Chooses WeChat Pay; where that leads.
    pub async fn pay_by_wechat(&mut self, order: OrderId) -> String {
        self.browser.get(&format!("/orders/{order}/pay")).await;
        let answer = self.browser.post(&format!("/orders/{order}/pay"), &[("method", "wechat")]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.location().to_owned()
    }
}
