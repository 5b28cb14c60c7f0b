use super::client::Merchant;
use super::gateway::WechatGateway;
use super::keys::{ApiV3Key, Keyring};
use crate::clock::Clock;
use crate::http_client::Http;
use crate::paths::{self, BaseUrl};
use crate::payments::rsa::{self, PrivateKey, PublicKey};
use crate::payments::settings::{Configured, Problem};
use clap::Args;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);

const MCHID: &str = "WECHAT_MCHID";
const APPID: &str = "WECHAT_APPID";
const PRIVATE_KEY: &str = "WECHAT_PRIVATE_KEY";
const SERIAL: &str = "WECHAT_MERCHANT_SERIAL";
const API_V3_KEY: &str = "WECHAT_API_V3_KEY";
const KEYRING: &str = "WECHAT_KEYRING";
const API: &str = "WECHAT_API";

#[derive(Args, Clone, Debug, Default)]
pub struct WechatSettings {
    /// WeChat Pay: the merchant number, digits.
    #[arg(long, env = MCHID)]
    wechat_mchid: Option<String>,
    /// WeChat Pay: the app id bound to the merchant number, `wx` and 16 characters.
    #[arg(long, env = APPID)]
    wechat_appid: Option<String>,
    /// WeChat Pay: the merchant's API private key (apiclient_key.pem), as text or the file it is in.
    #[arg(long, env = PRIVATE_KEY, hide_env_values = true)]
    wechat_private_key: Option<SecretString>,
    /// WeChat Pay: the serial number of the merchant's API certificate, 40 hexadecimal digits.
    #[arg(long, env = SERIAL)]
    wechat_merchant_serial: Option<String>,
    /// WeChat Pay: the APIv3 key, 32 characters.
    #[arg(long, env = API_V3_KEY, hide_env_values = true)]
    wechat_api_v3_key: Option<SecretString>,
    /// WeChat Pay: its public keys and platform certificates, SERIAL=KEY separated by `;`, each key as text or file.
    #[arg(long, env = KEYRING)]
    wechat_keyring: Option<String>,
    /// WeChat Pay: the address of its interface.
    #[arg(long, env = API, default_value = "https://api.mch.weixin.qq.com")]
    wechat_api: String,
}

impl WechatSettings {
    pub fn build(&self, base_url: &BaseUrl, clock: &Clock) -> Configured {
        if self.is_unset() {
            return Ok(None);
        }
        let mut problems = Vec::new();
        let merchant = self.merchant(base_url, &mut problems);
        let http = Http::new(TIMEOUT).map_err(|error| vec![Problem::of(API, error.to_string())])?;
        match merchant {
            Some(merchant) if problems.is_empty() => {
                Ok(Some(Arc::new(WechatGateway::new(merchant, http, clock.clone()))))
            }
            _ => Err(problems),
        }
    }

    fn is_unset(&self) -> bool {
        let texts = [&self.wechat_mchid, &self.wechat_appid, &self.wechat_merchant_serial, &self.wechat_keyring];
        let secrets = [&self.wechat_private_key, &self.wechat_api_v3_key];
        texts.iter().all(|text| text.as_deref().unwrap_or_default().is_empty())
            && secrets.iter().all(|secret| secret.as_ref().is_none_or(|secret| secret.expose_secret().is_empty()))
    }

    /// Reads everything, so that all that is wrong is said at once.
    fn merchant(&self, base_url: &BaseUrl, problems: &mut Vec<Problem>) -> Option<Merchant> {
        let mchid = text(MCHID, &self.wechat_mchid, "8 to 10 digits", is_mchid, problems);
        let appid = text(APPID, &self.wechat_appid, "`wx` and 16 letters or digits", is_appid, problems);
        let serial = text(SERIAL, &self.wechat_merchant_serial, "40 hexadecimal digits", is_serial, problems);
        let private_key = read(PRIVATE_KEY, secret(&self.wechat_private_key), read_private_key, problems);
        let api_v3_key = read(API_V3_KEY, self.wechat_api_v3_key.as_ref(), ApiV3Key::parse, problems);
        let keyring = read(KEYRING, self.wechat_keyring.as_deref(), Keyring::parse, problems);
        let address = read(API, Some(self.wechat_api.as_str()), read_address, problems);
        let notify_url = base_url.to(&paths::webhook("wechat"));
        if !base_url.is_https() || notify_url.contains(['?', '#']) {
            let what = "WeChat Pay notifies addresses that begin with https:// and have no `?` only";
            problems.push(Problem::of("BASE_URL", what));
        }
        let own_key = private_key.as_ref().zip(keyring.as_ref()).is_some_and(|(key, ring)| ring.holds(&key.public()));
        refuse_demo_keys(private_key.as_ref(), keyring.as_ref(), problems);
        if own_key {
            problems.push(Problem::of(KEYRING, "it holds the merchant's own key; WeChat Pay's is needed"));
        }
        Some(Merchant {
            address: address?,
            mchid: mchid?,
            appid: appid?,
            private_key: private_key?,
            serial: serial?,
            api_v3_key: api_v3_key?,
            keyring: keyring?,
            notify_url,
        })
    }
}

const DEMO_MERCHANT: &str = include_str!("../../../assets/demo-keys/wechat-merchant-public.pem");
const DEMO_GATEWAY: &str = include_str!("../../../assets/demo-keys/wechat-gateway-public.pem");

/// The demo's keys are known to everyone.
fn refuse_demo_keys(key: Option<&PrivateKey>, keyring: Option<&Keyring>, problems: &mut Vec<Problem>) {
    let (merchant, gateway) = (PublicKey::read(DEMO_MERCHANT), PublicKey::read(DEMO_GATEWAY));
    let what = "it is the demo's key, which everyone knows";
    if key.is_some_and(|key| merchant.is_ok_and(|demo| key.public() == demo)) {
        problems.push(Problem::of(PRIVATE_KEY, what));
    }
    if keyring.is_some_and(|ring| gateway.is_ok_and(|demo| ring.holds(&demo))) {
        problems.push(Problem::of(KEYRING, what));
    }
}

fn text(
    setting: &'static str,
    value: &Option<String>,
    shape: &str,
    fits: fn(&str) -> bool,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let fitting = |value: &str| match fits(value.trim()) {
        true => Ok(value.trim().to_owned()),
        false => Err(format!("{shape} are needed")),
    };
    read(setting, value.as_deref(), fitting, problems)
}

fn read<V: ?Sized, T>(
    setting: &'static str,
    value: Option<&V>,
    reader: impl Fn(&V) -> Result<T, String>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let read = value.ok_or_else(|| format!("it is missing: {}", whence(setting))).and_then(reader);
    read.map_err(|what| problems.push(Problem::of(setting, what))).ok()
}

/// Where a person finds it.
fn whence(setting: &str) -> &'static str {
    match setting {
        MCHID => "the merchant platform shows it as the merchant number",
        APPID => "the merchant platform lists the bound app ids under the product centre",
        PRIVATE_KEY => "it is apiclient_key.pem, made with the API certificate under API security",
        SERIAL => "the merchant platform shows it beside the API certificate, under API security",
        API_V3_KEY => "you set it on the merchant platform, under API security",
        KEYRING => "the merchant platform shows WeChat Pay's public key and its id under API security",
        _ => "it is the address of the interface, https://api.mch.weixin.qq.com",
    }
}

fn secret(value: &Option<SecretString>) -> Option<&str> {
    value.as_ref().map(|secret| secret.expose_secret())
}

fn read_private_key(setting: &str) -> Result<PrivateKey, String> {
    let text = rsa::text_of(setting).map_err(|error| error.to_string())?;
    PrivateKey::read(&text).map_err(|error| error.to_string())
}

fn read_address(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if url.query().is_none() && matches!(url.scheme(), "https" | "http") => Ok(url),
        _ => Err("it is no web address".to_owned()),
    }
}

fn is_mchid(text: &str) -> bool {
    (8..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_appid(text: &str) -> bool {
    text.len() == 18 && text.starts_with("wx") && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_serial(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MERCHANT_KEY: &str = include_str!("../../../tests/fixtures/rsa/pkcs8.pem");

    fn whole() -> WechatSettings {
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Any key that is neither the merchant's nor the demo gateway's.
        let other = include_str!("../../../assets/demo-keys/wechat-merchant-public.pem");
        WechatSettings {
            wechat_mchid: Some("1900000001".into()),
            wechat_appid: Some("wx0123456789abcdef".into()),
            wechat_private_key: Some(MERCHANT_KEY.into()),
            wechat_merchant_serial: Some("5157F09EFDC096DE15EBE81A47057A7232F1B8E1".into()),
            wechat_api_v3_key: Some("0123456789abcdef0123456789abcdef".into()),
            wechat_keyring: Some(format!("PUB_KEY_ID_0119={other}")),
            wechat_api: "https://api.mch.weixin.qq.com".into(),
        }
    }

    fn problems(settings: &WechatSettings, base_url: &str) -> Vec<&'static str> {
        let built = settings.build(&BaseUrl::new(base_url), &Clock::real());
        built.err().unwrap_or_default().into_iter().map(|problem| problem.setting).collect()
    }

    #[test]
    fn with_nothing_set_it_is_not_wanted_and_with_all_set_it_takes_yuan_only() {
        let none = WechatSettings { wechat_api: "https://api.mch.weixin.qq.com".into(), ..Default::default() };
        assert!(none.build(&BaseUrl::new("http://x"), &Clock::real()).unwrap().is_none());
        let gateway = whole().build(&BaseUrl::new("https://renew.example"), &Clock::real()).unwrap().unwrap();
        let taken: Vec<_> =
            crate::money::Currency::ALL.into_iter().filter(|currency| gateway.accepts(*currency)).collect();
        assert_eq!(taken, [crate::money::Currency::Cny]);
        assert!(gateway.moves_real_money());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = WechatSettings {
            wechat_mchid: Some("merchant".into()),
            wechat_appid: None,
            wechat_private_key: Some("-----BEGIN PRIVATE KEY-----".into()),
            wechat_merchant_serial: Some("PUB_KEY_ID_0119".into()),
            wechat_api_v3_key: Some("short".into()),
            wechat_keyring: Some("no serial".into()),
            wechat_api: "api".into(),
        };
        let all = [MCHID, APPID, SERIAL, PRIVATE_KEY, API_V3_KEY, KEYRING, API, "BASE_URL"];
        assert_eq!(problems(&wrong, "http://renew.example"), all);
        assert_eq!(problems(&whole(), "http://renew.example"), ["BASE_URL"]);
    }

    #[test]
    fn keys_that_everyone_knows_or_that_are_our_own_are_refused() {
        let demo = include_str!("../../../assets/demo-keys/wechat-merchant.pem");
        let gateway = include_str!("../../../assets/demo-keys/wechat-gateway-public.pem");
        let known = WechatSettings {
            wechat_private_key: Some(demo.into()),
            wechat_keyring: Some(format!("PUB_KEY_ID_01={gateway}")),
            ..whole()
        };
        assert_eq!(problems(&known, "https://renew.example"), [PRIVATE_KEY, KEYRING]);
        let own = include_str!("../../../tests/fixtures/rsa/spki.pem");
        let mixed_up = WechatSettings { wechat_keyring: Some(format!("5157F09E={own}")), ..whole() };
        assert_eq!(problems(&mixed_up, "https://renew.example"), [KEYRING]);
    }
}
