//! The adapters of real gateways, pointed at the sandbox with keys that everyone knows.

use super::parts::Setup;
use crate::http_client::Http;
use crate::paths;
use crate::payments::rsa::PrivateKey;
use crate::payments::wechat::{ApiV3Key, Keyring, Merchant, WechatGateway};
use crate::sandbox::wechat::account::{APPID, GATEWAY_SERIAL, MCHID, MERCHANT_SERIAL};
use anyhow::anyhow;

const MERCHANT_KEY: &str = include_str!("../../assets/demo-keys/wechat-merchant.pem");
const GATEWAY_KEY: &str = include_str!("../../assets/demo-keys/wechat-gateway-public.pem");
const API_V3_KEY: &str = include_str!("../../assets/demo-keys/wechat-api-v3-key.txt");

pub fn wechat(setup: &Setup) -> anyhow::Result<WechatGateway> {
    let merchant = Merchant {
        address: format!("{}/sandbox/wechat", setup.base_url).parse()?,
        mchid: MCHID.to_owned(),
        appid: APPID.to_owned(),
        private_key: PrivateKey::read(MERCHANT_KEY)?,
        serial: MERCHANT_SERIAL.to_owned(),
        api_v3_key: ApiV3Key::parse(&API_V3_KEY.trim().into()).map_err(|what| anyhow!(what))?,
        keyring: Keyring::parse(&format!("{GATEWAY_SERIAL}={GATEWAY_KEY}")).map_err(|what| anyhow!(what))?,
        notify_url: format!("{}{}", setup.base_url, paths::webhook("wechat")),
    };
    Ok(WechatGateway::rehearsal(merchant, Http::new(setup.patience)?, setup.clock.clone()))
}
