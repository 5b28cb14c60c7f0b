use super::StripeGateway;
use crate::clock::Clock;
use crate::paths::BaseUrl;
use crate::payments::settings::{Configured, Problem};
use clap::Args;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;

const KEY: &str = "STRIPE_SECRET_KEY";
const SECRETS: &str = "STRIPE_WEBHOOK_SECRETS";
const API: &str = "STRIPE_API";
const ADDRESS: &str = "https://api.stripe.com";
/// How long a call may take; a customer waits for some.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Args, Clone, Debug, Default)]
pub struct StripeSettings {
    /// Stripe: the secret key, sk_live_… or sk_test_…
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true)]
    stripe_secret_key: Option<SecretString>,
    /// Stripe: the webhook endpoint's signing secret, whsec_…; several, separated by commas, while one is rolled.
    #[arg(long, env = "STRIPE_WEBHOOK_SECRETS", hide_env_values = true)]
    stripe_webhook_secrets: Option<SecretString>,
    /// Stripe: another address than https://api.stripe.com
    #[arg(long, env = "STRIPE_API")]
    stripe_api: Option<String>,
}

/// What the adapter works with.
pub struct Settings {
    pub address: Url,
    pub key: SecretString,
    /// All are accepted on notifications.
    pub webhook_secrets: Vec<SecretString>,
    pub timeout: Duration,
}

impl Settings {
    /// Whether the key moves real money; objects of the other mode are not ours.
    pub fn live(&self) -> bool {
        is_live(self.key.expose_secret())
    }
}

fn is_live(key: &str) -> bool {
    key.starts_with("sk_live_") || key.starts_with("rk_live_")
}

impl StripeSettings {
    pub fn build(&self, base_url: &BaseUrl, _: &Clock) -> Configured {
        let (key, secrets) = (given(&self.stripe_secret_key), given(&self.stripe_webhook_secrets));
        if key.is_empty() && secrets.is_empty() {
            return Ok(None);
        }
        let secrets: Vec<&str> = secrets.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
        let address = self.stripe_api.as_deref().map(str::trim).filter(|text| !text.is_empty()).unwrap_or(ADDRESS);
        let problems: Vec<Problem> = [wrong_key(key), wrong_secrets(&secrets), wrong_address(address)]
            .into_iter()
            .flatten()
            .chain(unreachable(key, base_url))
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        if !is_live(key) {
            tracing::warn!("Stripe is in test mode: cards are not charged");
        }
        let address = Url::parse(address).map_err(|error| vec![Problem::of(API, error.to_string())])?;
        let webhook_secrets = secrets.into_iter().map(SecretString::from).collect();
        let settings = Settings { address, key: SecretString::from(key), webhook_secrets, timeout: PATIENCE };
        let gateway = StripeGateway::new(settings).map_err(|error| vec![Problem::of(API, error.to_string())])?;
        Ok(Some(Arc::new(gateway)))
    }
}

fn given(setting: &Option<SecretString>) -> &str {
    setting.as_ref().map(|secret| secret.expose_secret().trim()).unwrap_or_default()
}

fn wrong_key(key: &str) -> Option<Problem> {
    let known = ["sk_live_", "sk_test_", "rk_live_", "rk_test_"].iter().find_map(|start| key.strip_prefix(start));
    let what = match known {
        _ if key.is_empty() => "is missing: the dashboard shows it under Developers, API keys",
        _ if key.starts_with("pk_") => "is the publishable key; the secret one begins with sk_",
        _ if key.starts_with("whsec_") => "is a webhook's signing secret; the key begins with sk_",
        Some(rest) if !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => return None,
        _ => "is not a secret key: those begin with sk_live_ or sk_test_",
    };
    Some(Problem::of(KEY, what))
}

fn wrong_secrets(secrets: &[&str]) -> Option<Problem> {
    if secrets.is_empty() {
        return Some(Problem::of(SECRETS, "is missing: the dashboard shows it on the page of the webhook endpoint"));
    }
    let fine = |secret: &&str| secret.strip_prefix("whsec_").is_some_and(|rest| rest.len() >= 16);
    let wrong = secrets.iter().position(|secret| !fine(secret))?;
    Some(Problem::of(SECRETS, format!("number {} is not a signing secret: those begin with whsec_", wrong + 1)))
}

fn wrong_address(address: &str) -> Option<Problem> {
    let near = |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    match Url::parse(address) {
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && near(&url)) => None,
        Ok(_) => Some(Problem::of(API, "the key would travel unprotected: the address must begin with https://")),
        Err(error) => Some(Problem::of(API, format!("is not an address: {error}"))),
    }
}

/// Live notifications go to https addresses only.
fn unreachable(key: &str, base_url: &BaseUrl) -> Option<Problem> {
    let needed = is_live(key) && !base_url.is_https();
    needed.then(|| Problem::of("BASE_URL", "must begin with https://, or Stripe can't send its notifications"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(key: &str, secrets: &str, api: &str, base: &str) -> Vec<&'static str> {
        let settings = StripeSettings {
            stripe_secret_key: Some(key.into()),
            stripe_webhook_secrets: Some(secrets.into()),
            stripe_api: Some(api.into()),
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        match settings.build(&BaseUrl::new(base), &Clock::real()) {
            Ok(Some(_)) => vec!["built"],
            Ok(None) => vec![],
            Err(problems) => problems.iter().map(|problem| problem.setting).collect(),
        }
    }

    const SECRET: &str = "whsec_0123456789abcdef";

    #[test]
    fn what_is_wrong_is_named_all_at_once() {
        let (base, live) = ("https://renew.example.com", "sk_live_abc123");
        assert_eq!(problems("", "", "", base), [""; 0]);
        assert_eq!(problems(live, SECRET, "", base), ["built"]);
        assert_eq!(problems(" rk_live_abc ", &format!("{SECRET}, {SECRET}1,"), "", base), ["built"]);
        assert_eq!(problems(live, "", "", base), [SECRETS]);
        assert_eq!(problems("", SECRET, "", base), [KEY]);
        for key in ["pk_live_abc", "sk_live_", "sk_live_a b", SECRET, "abc"] {
            assert_eq!(problems(key, SECRET, "", base), [KEY], "{key}");
        }
        assert_eq!(problems("pk_test_1", "whsec_short", "http://stripe.example", base), [KEY, SECRETS, API]);
        assert_eq!(problems(live, SECRET, "", "http://renew.example.com"), ["BASE_URL"]);
        assert_eq!(problems("sk_test_abc", SECRET, "http://127.0.0.1:9", "http://127.0.0.1:8080"), ["built"]);
    }
}
