//! The demo's account with the rehearsed Alipay, and both ends of it.

use crate::clock::Clock;
use crate::config;
use crate::http_client::Http;
use crate::paths;
use crate::payments::Gateway;
use crate::payments::alipay::{AlipayGateway, Merchant};
use crate::payments::rsa::{PrivateKey, PublicKey};
use crate::sandbox::AlipayContract;
use std::sync::Arc;
use std::time::Duration;

pub const APP_ID: &str = "2021000000000018";
pub const SELLER_ID: &str = "2088000000000001";

const APP: &str = include_str!("../../assets/demo-keys/alipay-app.pem");
const APP_PUBLIC: &str = include_str!("../../assets/demo-keys/alipay-app-public.pem");
const GATEWAY: &str = include_str!("../../assets/demo-keys/alipay-gateway.pem");
const GATEWAY_PUBLIC: &str = include_str!("../../assets/demo-keys/alipay-gateway-public.pem");

pub fn contract() -> anyhow::Result<AlipayContract> {
    AlipayContract::new(APP_ID, SELLER_ID, &config::brand().name_zh, APP_PUBLIC, GATEWAY)
}

/// `base_url`: where the portal is, with the sandbox beside it.
pub fn gateway(base_url: &str, patience: Duration, clock: &Clock) -> anyhow::Result<Arc<dyn Gateway>> {
    let merchant = Merchant {
        address: format!("{base_url}/sandbox/alipay/gateway.do").parse()?,
        app_id: APP_ID.into(),
        seller_id: SELLER_ID.into(),
        private_key: PrivateKey::read(APP)?,
        public_keys: vec![PublicKey::read(GATEWAY_PUBLIC)?],
        notify_url: format!("{base_url}{}", paths::webhook("alipay")),
    };
    Ok(Arc::new(AlipayGateway::rehearsal(merchant, Http::new(patience)?, clock.clone())))
}
