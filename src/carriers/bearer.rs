//! OAuth 2 client credentials (RFC 6749, 4.4): a token is asked for when it is needed and kept while it lasts.

use std::time::Duration;

use axum::http::{Method, header};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::settings::Secret;
use super::{CarrierError, Exchange};
use crate::clock::Clock;
use crate::http_client::Http;

/// A token that ends within a request that is under way is no use.
const MARGIN: Duration = Duration::from_secs(30);
/// Where the answer doesn't say how long it lasts.
const USUAL: i64 = 300;

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    pub token_address: String,
    pub client_id: String,
    pub client_secret: Secret,
}

pub struct Bearer {
    exchange: Exchange,
    form: SecretString,
    clock: Clock,
    held: Mutex<Option<Held>>,
}

struct Held {
    token: SecretString,
    until: OffsetDateTime,
}

#[derive(Deserialize)]
struct TokenReply {
    access_token: String,
    expires_in: Option<i64>,
}

impl Bearer {
    pub fn new(credentials: &Credentials, http: Http, clock: Clock) -> Result<Self, CarrierError> {
        let exchange = Exchange::new(&credentials.token_address, http)?;
        Ok(Self { exchange, form: form(credentials)?.into(), clock, held: Mutex::default() })
    }

    /// One asks and the others wait for it. Whatever goes wrong here, the carrier did nothing yet.
    pub async fn token(&self) -> Result<SecretString, CarrierError> {
        let mut held = self.held.lock().await;
        if let Some(held) = held.as_ref().filter(|held| self.clock.now() + MARGIN < held.until) {
            return Ok(held.token.clone());
        }
        let fresh = self.ask().await.map_err(CarrierError::before_sending)?;
        let token = fresh.token.clone();
        *held = Some(fresh);
        Ok(token)
    }

    /// The carrier no longer takes the token we hold.
    pub async fn forget(&self) {
        *self.held.lock().await = None;
    }

    async fn ask(&self) -> Result<Held, CarrierError> {
        let request = self
            .exchange
            .request(Method::POST, &[])
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.form.expose_secret().to_owned());
        let reply = self.exchange.send(request).await?;
        if !reply.status.is_success() {
            return Err(reply.failure());
        }
        let TokenReply { access_token, expires_in } = reply.json()?;
        let lasts = Duration::from_secs(expires_in.unwrap_or(USUAL).clamp(0, 86_400).unsigned_abs());
        Ok(Held { token: access_token.into(), until: self.clock.now() + lasts })
    }
}

fn form(credentials: &Credentials) -> Result<String, CarrierError> {
    let mut url = Url::parse("form:").map_err(CarrierError::misconfigured)?;
    url.query_pairs_mut()
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &credentials.client_id)
        .append_pair("client_secret", credentials.client_secret.expose());
    Ok(url.query().unwrap_or_default().to_owned())
}
