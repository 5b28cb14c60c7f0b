//! From which browser somebody comes, as far as it says so itself. Its owner is told of new ones, and may spare one the second step.
use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    ids::AccountId,
    lang::Lang,
    web::{client::Client, cookies::Cookies},
};

/// Tells a browser that was here before from a new one, and one that is asked for no second step; it signs nobody in.
const COOKIE: &str = "browser";
/// As long as browsers keep a cookie.
const FOUR_HUNDRED_DAYS: u32 = 400 * 24 * 60 * 60;
const LONGEST: usize = 400;

/// Spares the accounts that were asked to be spared here the second step: a token each, the newest first.
const TRUST: &str = "trusted";
const TOKENS: usize = 8;

#[derive(Clone, Debug)]
pub struct Browser {
    /// Where it comes from, by which tries are counted too.
    pub client: String,
    pub agent: Option<String>,
    mark: Secret,
    /// Was given just now.
    is_new: bool,
    trust: Vec<Secret>,
    trusts_anew: bool,
}

type Secret = [u8; 32];

impl Browser {
    /// What one account remembers it by; no other account's mark says the same.
    pub fn mark_for(&self, account: AccountId) -> Vec<u8> {
        hash_for(account, self.mark)
    }

    /// What may spare one account the second step here.
    pub fn trust_for(&self, account: AccountId) -> Vec<Vec<u8>> {
        self.trust.iter().map(|token| hash_for(account, *token)).collect()
    }

    /// What will, where it was given just now.
    pub fn new_trust_for(&self, account: AccountId) -> Option<Vec<u8>> {
        self.trust.first().filter(|_| self.trusts_anew).map(|token| hash_for(account, *token))
    }

    /// With a token that nobody has a copy of, before those it has.
    pub fn trusted_anew(mut self) -> Self {
        self.trust.insert(0, random());
        self.trust.truncate(TOKENS);
        Self { trusts_anew: true, ..self }
    }

    /// By which it is known the next time.
    pub fn keep(&self, cookies: Cookies, headers: &mut HeaderMap) {
        let trust: Vec<_> = self.trust.iter().map(|token| BASE64_URL_SAFE_NO_PAD.encode(token)).collect();
        let kept = [
            (self.is_new, COOKIE, BASE64_URL_SAFE_NO_PAD.encode(self.mark)),
            (self.trusts_anew, TRUST, trust.join(".")),
        ];
        for (_, name, value) in kept.into_iter().filter(|(wanted, _, _)| *wanted) {
            headers
                .extend(cookies.set(name, &value, Some(FOUR_HUNDRED_DAYS)).map(|cookie| (header::SET_COOKIE, cookie)));
        }
    }
}

fn hash_for(account: AccountId, secret: Secret) -> Vec<u8> {
    Sha256::new().chain_update(secret).chain_update(account.0).finalize().to_vec()
}

fn random() -> Secret {
    let mut bytes = [0; 32];
    crate::ids::fill_random(&mut bytes);
    bytes
}

/// In a cookie that holds some.
fn secrets(cookie: Option<&str>) -> Vec<Secret> {
    let decoded = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok();
    cookie.into_iter().flat_map(|cookie| cookie.split('.')).filter_map(decoded).take(TOKENS).collect()
}

impl<S: Send + Sync> FromRequestParts<S> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let client = Client::from_request_parts(parts, state).await?.to_string();
        let cookies = parts.extensions.get::<Cookies>();
        let kept = |name| secrets(cookies.and_then(|cookies| cookies.read(&parts.headers, name)));
        let known = kept(COOKIE).first().copied();
        Ok(Self {
            client,
            agent: parts.headers.get(header::USER_AGENT).and_then(agent),
            mark: known.unwrap_or_else(random),
            is_new: known.is_none(),
            trust: kept(TRUST),
            trusts_anew: false,
        })
    }
}

fn agent(header: &HeaderValue) -> Option<String> {
    let text = header.to_str().ok()?.trim();
    (!text.is_empty()).then(|| text.chars().take(LONGEST).collect())
}

/// What a browser's own words stand for, the particular before the general: most call themselves Chrome and Safari too.
const BROWSERS: [(&str, &str); 15] = [
    ("MicroMessenger/", "WeChat"),
    ("AlipayClient/", "Alipay"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MQQBrowser/", "QQ Browser"),
    ("UCBrowser/", "UC Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 9] = [
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

/// The names of the browser and of the system it runs on.
pub fn names(agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    let first =
        |table: &[(&str, &'static str)]| table.iter().find(|(word, _)| agent.contains(word)).map(|(_, name)| *name);
    (first(&BROWSERS), first(&SYSTEMS))
}

/// In words.
pub fn told(agent: Option<&str>, language: Lang) -> String {
    match names(agent.unwrap_or_default()) {
        (Some(browser), Some(system)) => {
            language.ta("session-browser", &[("browser", browser.into()), ("system", system.into())])
        }
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => language.t("session-browser-unknown").to_owned(),
    }
}

/// An address without its end: it tells somebody whether it can be theirs, and is nobody else's in particular.
pub fn shortened(client: &str) -> Option<String> {
    match client.parse().ok()? {
        std::net::IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            Some(format!("{a}.{b}.{c}.…"))
        }
        std::net::IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Some(format!("{a:x}:{b:x}:{c:x}:…"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_what_people_call_them() {
        for (agent, browser, system) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                Some("Edge"),
                Some("Windows"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                Some("Chrome"),
                Some("Windows"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                Some("Safari"),
                Some("macOS"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1",
                Some("Chrome"),
                Some("iPhone"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/138.0 Mobile Safari/537.36 MicroMessenger/8.0.60",
                Some("WeChat"),
                Some("Android"),
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", Some("Firefox"), Some("Linux")),
            (
                "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0 Safari/537.36 ArkWeb/4.1 HuaweiBrowser/5.0",
                Some("Huawei Browser"),
                Some("HarmonyOS"),
            ),
            ("curl/8.5.0", None, None),
            ("<script>alert(1)</script>", None, None),
        ] {
            assert_eq!(names(agent), (browser, system), "{agent}");
        }
    }

    #[test]
    fn addresses_are_shown_without_their_end() {
        for (client, shown) in
            [("203.0.113.77", Some("203.0.113.…")), ("2001:db8:1:2::", Some("2001:db8:1:…")), ("unknown", None)]
        {
            assert_eq!(shortened(client).as_deref(), shown);
        }
    }
}
