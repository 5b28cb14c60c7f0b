use super::client::Merchant;
use super::gateway::AlipayGateway;
use crate::clock::Clock;
use crate::http_client::Http;
use crate::paths::{self, BaseUrl};
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
    let read = given.ok_or_else(|| format!("it is missing: {}", whence(setting))).and_then(reader);
    read.map_err(|what| problems.push(Problem::of(setting, what))).ok()
}

/// Where a person finds it.
fn whence(setting: &str) -> &'static str {
    match setting {
        APP_ID => "the open platform shows it as APPID on the app's page",
        SELLER_ID => "the merchant centre shows it as PID, 16 digits beginning with 2088",
        PRIVATE_KEY => "it was made with the key tool, whose public half the app was given on the open platform",
        PUBLIC_KEYS => "the open platform shows Alipay's public key beside the app's, under its signing settings",
        _ => "it is the address of the interface, https://openapi.alipay.com/gateway.do",
    }
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
    if keys.is_empty() { Err(format!("it is missing: {}", whence(PUBLIC_KEYS))) } else { Ok(keys) }
}

fn public_key(number: usize, part: &str) -> Result<PublicKey, String> {
    let told = |error: KeyError| format!("key {number}: {error}");
    let text = rsa::text_of(part).map_err(told)?;
    let key = PublicKey::read(&text).map_err(told)?;
    if rsa::certificate_serial(&text).is_some() {
        return Err(format!(
            "key {number}: it is a certificate; sign by public key (公钥), and give Alipay's public key"
        ));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = include_str!("../../../tests/fixtures/rsa/pkcs1.pem");
    const OWN_PUBLIC: &str = include_str!("../../../tests/fixtures/rsa/spki.pem");
    const THEIRS: &str = include_str!("../../../tests/fixtures/rsa/other.pem");
    const DEMO: &str = include_str!("../../../assets/demo-keys/alipay-app.pem");

    fn theirs() -> String {
        // The bare base64 of a public key, as the console shows it.
        include_str!("../../../tests/fixtures/alipay/app-spki.pem").lines().filter(|line| !line.contains('-')).collect()
    }

    fn settings(app_id: &str, seller: &str, private: &str, public: &str, gateway: &str) -> AlipaySettings {
        AlipaySettings {
            alipay_app_id: Some(app_id.into()),
            alipay_seller_id: Some(seller.into()),
            alipay_private_key: Some(private.to_owned().into()),
            alipay_public_keys: Some(public.into()),
            alipay_gateway: gateway.into(),
        }
    }

    fn told(settings: &AlipaySettings, base_url: &str) -> Vec<String> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let problems = settings.build(&BaseUrl::new(base_url), &Clock::real()).err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect()
    }

    const REAL: &str = "https://openapi.alipay.com/gateway.do";
    const HOME: &str = "https://renew.example";

    #[test]
    fn nothing_set_is_nothing_wanted() {
        let unset = AlipaySettings { alipay_gateway: REAL.into(), ..Default::default() };
        assert!(matches!(unset.build(&BaseUrl::new(HOME), &Clock::real()), Ok(None)));
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let wrong = settings("123", "1088000000000001", OWN_PUBLIC, "not base64!, ", "http://openapi.alipay.com");
        let told = told(&wrong, "http://renew.example").join("\n");
        for (setting, what) in [
            (APP_ID, "16 digits"),
            (SELLER_ID, "begin with 2088"),
            (PRIVATE_KEY, "it is a public key"),
            (PUBLIC_KEYS, "key 1: "),
            (GATEWAY, "https://"),
            ("BASE_URL", "https://"),
        ] {
            assert!(told.lines().any(|line| line.starts_with(setting) && line.contains(what)), "{setting} in {told}");
        }
        let half = AlipaySettings { alipay_app_id: Some("2021000000000018".into()), ..Default::default() };
        let told = half.build(&BaseUrl::new(HOME), &Clock::real()).err().unwrap();
        assert_eq!(told.iter().filter(|problem| problem.what.starts_with("it is missing: ")).count(), 4);
    }

    #[test]
    fn keys_of_the_demo_and_the_own_key_in_place_of_alipays_are_refused() {
        let (app, seller) = ("2021000000000018", "2088000000000001");
        assert!(told(&settings(app, seller, DEMO, OWN_PUBLIC, REAL), HOME)[0].contains("key of the demo"));
        assert!(told(&settings(app, seller, OWN, &theirs(), REAL), HOME)[0].contains("key of the demo"));
        assert!(told(&settings(app, seller, OWN, OWN_PUBLIC, REAL), HOME)[0].contains("the app's own public key"));
    }

    #[test]
    fn several_keys_of_alipay_are_taken_and_a_rehearsal_on_this_machine() {
        let (app, seller) = ("2021000000000018", "2088000000000001");
        let good = settings(app, seller, THEIRS, &format!("{OWN_PUBLIC},{OWN_PUBLIC}"), REAL);
        assert_eq!(told(&good, HOME), Vec::<String>::new());
        let here = settings(app, seller, THEIRS, OWN_PUBLIC, "http://127.0.0.1:9/gateway.do");
        assert_eq!(told(&here, "http://127.0.0.1:8080"), Vec::<String>::new());
        assert_eq!(public_keys(&format!("{OWN_PUBLIC},{OWN_PUBLIC}")).unwrap().len(), 2);
    }
}
