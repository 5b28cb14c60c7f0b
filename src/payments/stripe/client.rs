//! One call to Stripe: a form goes out, JSON comes back.

use super::VERSION;
use super::failure;
use super::settings::Settings;
use super::wire::List;
use crate::http_client::{Answer, Http};
use crate::payments::gateway::GatewayError;
use reqwest::{Method, Url};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use std::ops::ControlFlow;

/// Pages read of one list before it is given up as endless.
const MOST_PAGES: usize = 500;

pub type Field = (&'static str, String);

pub struct Client {
    address: Url,
    key: secrecy::SecretString,
    http: Http,
}

impl Client {
    pub fn new(settings: &Settings) -> reqwest::Result<Self> {
        let http = Http::new(settings.timeout)?;
        Ok(Self { address: settings.address.clone(), key: settings.key.clone(), http })
    }

    pub async fn get<A: DeserializeOwned>(&self, path: &str, fields: &[Field]) -> Result<A, GatewayError> {
        read(&self.fetch(path, fields).await?)
    }

    /// The answer as it came.
    pub async fn fetch(&self, path: &str, fields: &[Field]) -> Result<Answer, GatewayError> {
        let mut url = self.url(path)?;
        if let Some(query) = encoded(fields) {
            url.set_query(Some(&query));
        }
        Ok(self.http.send(self.signed(Method::GET, url)).await?)
    }

    /// The same key with the same fields is done once, for a day.
    pub async fn post<A: DeserializeOwned>(&self, path: &str, fields: &[Field], key: &str) -> Result<A, GatewayError> {
        let request = self
            .signed(Method::POST, self.url(path)?)
            .header("idempotency-key", key)
            // Wanted even where there are no fields.
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(fields).unwrap_or_default());
        read(&self.http.send(request).await?)
    }

    /// Every item of a list, newest first, until the visitor has seen enough.
    pub async fn each<T: DeserializeOwned>(
        &self,
        path: &str,
        fields: &[Field],
        id: impl Fn(&T) -> &str,
        mut visit: impl FnMut(T) -> ControlFlow<()>,
    ) -> Result<(), GatewayError> {
        let mut after = None;
        for _ in 0..MOST_PAGES {
            let mut asked = fields.to_vec();
            asked.extend(after.take().map(|id| ("starting_after", id)));
            let page: List<T> = self.get(path, &asked).await?;
            after = page.data.last().map(|last| id(last).to_owned());
            for item in page.data {
                if visit(item).is_break() {
                    return Ok(());
                }
            }
            if !page.has_more || after.is_none() {
                return Ok(());
            }
        }
        Err(GatewayError::Unknown("the list has no end".to_owned()))
    }

    fn url(&self, path: &str) -> Result<Url, GatewayError> {
        let url = format!("{}{path}", self.address.as_str().trim_end_matches('/'));
        Url::parse(&url).map_err(|error| GatewayError::Misconfigured(error.to_string()))
    }

    fn signed(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.http.request(method, url).bearer_auth(self.key.expose_secret()).header("stripe-version", VERSION)
    }
}

fn encoded(fields: &[Field]) -> Option<String> {
    let url = Url::parse_with_params("https://fields.invalid", fields).ok()?;
    url.query().map(str::to_owned)
}

fn read<A: DeserializeOwned>(answer: &Answer) -> Result<A, GatewayError> {
    match answer.status.is_success() {
        true => {
            serde_json::from_slice(&answer.body).map_err(|error| GatewayError::Unknown(format!("unreadable: {error}")))
        }
        false => Err(failure::of(answer)),
    }
}
