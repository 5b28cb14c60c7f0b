use super::client::Merchant;
use super::gateway::AlipayGateway;
use crate::clock::Clock;
use crate::paths::{self, BaseUrl};
use crate::payments::http::Http;
use crate::payments::rsa::{self, KeyError, PrivateKey, PublicKey};
use crate::payments::settings::{Configured, Problem};
use clap::Args;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);

const APP_ID: &str = "ALIPAY_APP_ID";
const SELLER_ID: &str = "ALIPAY_SELLER_ID";
const PRIVATE_KEY: &str = "ALIPAY_PRIVATE_KEY";
const PUBLIC_KEYS: &str = "ALIPAY_PUBLIC_KEYS";
const GATEWAY: &str = "ALIPAY_GATEWAY";

/// Everyone has these.
const DEMO_KEYS: [&str; 2] = [
    include_str!("../../../assets/demo-keys/alipay-app-public.pem"),
    include_str!("../../../assets/demo-keys/alipay-gateway-public.pem"),
];

#[derive(Args, Clone, Debug, Default)]
pub struct AlipaySettings {
    /// Alipay: the app's id, 16 digits.
    #[arg(long, env = APP_ID)]
    alipay_app_id: Option<String>,
    /// Alipay: the account that is paid, 16 digits beginning with 2088.
    #[arg(long, env = SELLER_ID)]
    alipay_seller_id: Option<String>,
    /// Alipay: the app's private key, as text or the file it is in.
    #[arg(long, env = PRIVATE_KEY, hide_env_values = true)]
    alipay_private_key: Option<SecretString>,
    /// Alipay: its public keys (not the app's), as text or files separated by `,`; during a rotation old and new.
    #[arg(long, env = PUBLIC_KEYS)]
    alipay_public_keys: Option<String>,
    /// Alipay: the address of its interface.
    #[arg(long, env = GATEWAY, default_value = "https://openapi.alipay.com/gateway.do")]
    alipay_gateway: String,
}

impl AlipaySettings {
    pub fn build(&self, base_url: &BaseUrl, clock: &Clock) -> Configured {
        if self.is_unset() {
            return Ok(None);
        }
        let mut problems = Vec::new();
        let merchant = self.merchant(base_url, &mut problems);
        let http = Http::new(TIMEOUT).map_err(|error| vec![Problem::of(GATEWAY, error.to_string())])?;
        match merchant {
            Some(merchant) if problems.is_empty() => {
                Ok(Some(Arc::new(AlipayGateway::new(merchant, http, clock.clone()))))
            }
            _ => Err(problems),
        }
    }

    fn is_unset(&self) -> bool {
        let key = self.alipay_private_key.as_ref().map(|key| key.expose_secret());
        let texts = [&self.alipay_app_id, &self.alipay_seller_id, &self.alipay_public_keys];
        texts.iter().map(|text| text.as_deref()).chain([key]).all(|text| text.unwrap_or_default().trim().is_empty())
    }

    /// Reads everything, so that all that is wrong is said at once.
    fn merchant(&self, base_url: &BaseUrl, problems: &mut Vec<Problem>) -> Option<Merchant> {
        let key = self.alipay_private_key.as_ref().map(|key| key.expose_secret());
        let app_id = read(APP_ID, self.alipay_app_id.as_deref(), app_id, problems);
        let seller_id = read(SELLER_ID, self.alipay_seller_id.as_deref(), seller_id, problems);
        let private_key = read(PRIVATE_KEY, key, private_key, problems);
        let public_keys = read(PUBLIC_KEYS, self.alipay_public_keys.as_deref(), public_keys, problems);
        let address = read(GATEWAY, Some(&self.alipay_gateway), address, problems);
        let rehearsed = address.as_ref().is_some_and(is_here);
        if !base_url.is_https() && !rehearsed {
            let what = "Alipay's notifications must reach it from outside: an address that begins with https://";
            problems.push(Problem::of("BASE_URL", what));
        }
        if let (Some(private), Some(public)) = (&private_key, &public_keys)
            && public.iter().any(|key| private.belongs_to(key).is_ok())
        {
            problems.push(Problem::of(PUBLIC_KEYS, "it holds the app's own public key; Alipay's is needed"));
        }
        Some(Merchant {
            address: address?,
            app_id: app_id?,
            seller_id: seller_id?,
            private_key: private_key?,
            public_keys: public_keys?,
            notify_url: base_url.to(&paths::webhook("alipay")),
        })
    }
}

fn read<T>(
    setting: &'static str,
    value: Option<&str>,
    reader: fn(&str) -> Result<T, String>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let given = value.map(str::trim).filter(|text| !text.is_empty());
    let read = given.ok_or_else(|| "it is missing".to_owned()).and_then(reader);
    read.map_err(|what| problems.push(Problem::of(setting, what))).ok()
}

fn app_id(text: &str) -> Result<String, String> {
    is_number(text).then(|| text.to_owned()).ok_or_else(|| "16 digits are needed".to_owned())
}

fn seller_id(text: &str) -> Result<String, String> {
    match is_number(text) && text.starts_with("2088") {
        true => Ok(text.to_owned()),
        false => Err("16 digits that begin with 2088 are needed".to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn private_key(setting: &str) -> Result<PrivateKey, String> {
    let text = rsa::text_of(setting).map_err(told)?;
    let key = PrivateKey::read(&text).map_err(told)?;
    not_of_the_demo(&key.public())?;
    Ok(key)
}

fn public_keys(setting: &str) -> Result<Vec<PublicKey>, String> {
    let parts = setting.split(',').map(str::trim).filter(|part| !part.is_empty());
    let keys: Vec<PublicKey> =
        parts.enumerate().map(|(at, part)| public_key(at + 1, part)).collect::<Result<_, _>>()?;
    if keys.is_empty() { Err("it is missing".to_owned()) } else { Ok(keys) }
}

fn public_key(number: usize, part: &str) -> Result<PublicKey, String> {
    let key = rsa::text_of(part).and_then(|text| PublicKey::read(&text));
    let key = key.map_err(|error| format!("key {number}: {error}"))?;
    not_of_the_demo(&key)?;
    Ok(key)
}

fn not_of_the_demo(key: &PublicKey) -> Result<(), String> {
    match DEMO_KEYS.iter().any(|known| PublicKey::read(known).as_ref() == Ok(key)) {
        true => Err("it is a key of the demo, which everyone has".to_owned()),
        false => Ok(()),
    }
}

fn told(error: KeyError) -> String {
    error.to_string()
}

fn address(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if url.query().is_none() && (url.scheme() == "https" || is_here(&url)) => Ok(url),
        _ => Err("an address that begins with https:// is needed".to_owned()),
    }
}

/// On this machine, where a rehearsal of Alipay may run.
fn is_here(url: &Url) -> bool {
    url.host_str().is_some_and(|host| ["127.0.0.1", "[::1]", "localhost"].contains(&host))
}
