//! A provider with the messages interface that Twilio has and others imitate: a form with `To`, `From` and `Body`.

use crate::countries;
use crate::http_client::{Answer, Http};
use crate::lang::Lang;
use crate::numbers::Msisdn;
use anyhow::{Context, bail};
use axum::http::{Method, StatusCode, header};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// How long one exchange may take.
pub const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_SENDER: usize = 34;

#[derive(Clone)]
pub struct Provider {
    http: Http,
    /// With user and password, which become the request's Basic authentication.
    url: SecretString,
    from: String,
    /// ISO codes; any where there are none.
    countries: Arc<[String]>,
}

/// Why a text did not go out.
#[derive(Debug, thiserror::Error)]
pub enum Unsent {
    /// It may work later.
    #[error("{0}")]
    Later(String),
    /// The provider does not send this text, ever: to this number, mostly.
    #[error("{0}")]
    Refused(String),
    /// It does not know us. Only the operator can put that right.
    #[error("{0}")]
    NotUs(String),
}

#[derive(Deserialize)]
struct Complaint {
    code: Option<i64>,
    message: Option<String>,
}

impl Provider {
    /// `url` as `https://user:password@api.example.com/Messages.json`.
    pub fn new(url: &str, from: &str, patience: Duration) -> anyhow::Result<Self> {
        let parsed = Url::parse(url).ok().filter(is_address);
        if parsed.is_none() {
            bail!("SMS_URL: is no address such as https://user:password@api.example.com/Messages.json");
        }
        let from = from.trim();
        if from.is_empty() || from.chars().count() > LONGEST_SENDER || from.chars().any(char::is_control) {
            bail!("SMS_FROM: is no sender such as +14155550123 or a name the provider has registered");
        }
        let http = Http::new(patience).context("SMS_URL: no client for it")?;
        Ok(Self { http, url: url.into(), from: from.to_owned(), countries: Arc::default() })
    }

    /// Texts to far countries cost most, and are what thieves of texts ask for.
    pub fn only_to(self, countries: &[String]) -> anyhow::Result<Self> {
        let known = |code: &String| countries::name(code, Lang::En).map(|_| code.to_ascii_uppercase());
        let read = |code: &String| known(code).with_context(|| format!("SMS_COUNTRIES: {code:?} is no country's code"));
        Ok(Self { countries: countries.iter().map(read).collect::<Result<_, _>>()?, ..self })
    }

    pub fn reaches(&self, number: &Msisdn) -> bool {
        self.countries.is_empty() || number.region().is_some_and(|region| self.countries.contains(&region))
    }

    pub async fn send(&self, to: &str, text: &str) -> Result<(), Unsent> {
        let form = encoded(&[("To", to), ("From", &self.from), ("Body", text)]);
        let request = self.http.request(Method::POST, self.url.expose_secret());
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        let answer = self.http.send(request).await.map_err(|lost| Unsent::Later(lost.what))?;
        judge(&answer)
    }

    /// Asks for the list of messages, which sends none: whether the provider answers and knows us.
    pub async fn reach(&self) -> anyhow::Result<()> {
        let answer = self.http.send(self.http.request(Method::GET, self.url.expose_secret())).await?;
        match answer.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                bail!("the provider does not know this user and password")
            }
            StatusCode::NOT_FOUND => bail!("the provider has nothing at this address"),
            status if status.is_server_error() => bail!("the provider answers with {status}"),
            _ => Ok(()),
        }
    }
}

/// As a form's body; an address's query is written the same way.
fn encoded(fields: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse("http://form.invalid") else { return String::new() };
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

/// A password goes over it, so it is https unless it stays on this machine.
fn is_address(url: &Url) -> bool {
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_here;
    is_safe && !url.username().is_empty() && url.password().is_some()
}

fn judge(answer: &Answer) -> Result<(), Unsent> {
    match answer.status {
        status if status.is_success() => Ok(()),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Err(Unsent::NotUs(told(answer))),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Err(Unsent::Later(told(answer))),
        status if status.is_client_error() => Err(Unsent::Refused(told(answer))),
        _ => Err(Unsent::Later(told(answer))),
    }
}

/// The provider's own words, as far as they can be shown.
fn told(answer: &Answer) -> String {
    let complaint: Option<Complaint> = serde_json::from_slice(&answer.body).ok();
    let (code, message) = complaint.map_or((None, None), |complaint| (complaint.code, complaint.message));
    let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
    let message: String = message.unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
    format!("{}{code} {message}", answer.status).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_over_https_only() {
        for (url, fits) in [
            ("https://AC1:token@api.example.com/2010-04-01/Accounts/AC1/Messages.json", true),
            ("http://AC1:token@127.0.0.1:8080/Messages.json", true),
            ("http://AC1:token@api.example.com/Messages.json", false),
            ("https://api.example.com/Messages.json", false),
            ("https://AC1@api.example.com/Messages.json", false),
            ("api.example.com", false),
        ] {
            assert_eq!(Provider::new(url, "+14155550123", PATIENCE).is_ok(), fits, "{url}");
        }
        for from in ["", "  ", "a\nb", &"x".repeat(35)] {
            assert!(Provider::new("https://a:b@api.example.com/", from, PATIENCE).is_err(), "{from}");
        }
    }
}
