use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::orders::Order;
use super::{Settings, signature};
use crate::carriers::settings::Secret;
use crate::carriers::{CarrierError, Exchange, Reply};
use crate::clock::Clock;
use crate::http_client::Http;

/// A token is replaced this long before it ends.
const EARLY: i64 = 300;
/// The longest a token is kept, whatever it says of itself.
const LONGEST: i64 = 86_400;

pub struct Client {
    exchange: Exchange,
    client_id: String,
    secret: Secret,
    clock: Clock,
    /// Three may be had a minute, so whoever needs one waits for who is fetching it.
    token: Mutex<Option<Token>>,
}

struct Token {
    text: SecretString,
    until: OffsetDateTime,
}

#[derive(Clone, Copy)]
enum Length {
    Usual,
    Catalogue,
}

#[derive(Deserialize)]
struct Granted {
    data: Grant,
}

#[derive(Deserialize)]
struct Grant {
    expires_in: i64,
    access_token: String,
}

impl Client {
    pub fn new(settings: &Settings, timeout: Duration, clock: Clock) -> Result<Self, CarrierError> {
        let http = Http::new(timeout).map_err(CarrierError::misconfigured)?;
        Ok(Self {
            exchange: Exchange::new(&settings.address, http)?,
            client_id: settings.client_id.clone(),
            secret: settings.client_secret.clone(),
            clock,
            token: Mutex::new(None),
        })
    }

    pub async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Reply, CarrierError> {
        let request = self.exchange.request_with(Method::GET, path, query);
        self.let_in(request, Length::Usual).await
    }

    pub async fn get_catalogue(&self, query: &[(&str, &str)]) -> Result<Reply, CarrierError> {
        let request = self.exchange.request_with(Method::GET, &["packages"], query);
        self.let_in(request, Length::Catalogue).await
    }

    pub async fn order(&self, order: &Order<'_>) -> Result<Reply, CarrierError> {
        let body = order.body()?;
        let request = self
            .exchange
            .request(Method::POST, &["orders", "topups"])
            .header(header::CONTENT_TYPE, "application/json")
            .header(signature::HEADER, signature::sign(&self.secret, &body))
            .body(body);
        self.let_in(request, Length::Usual).await
    }

    /// Whoever isn't let in has done nothing, so a token that ended before its time is replaced once.
    async fn let_in(&self, request: RequestBuilder, length: Length) -> Result<Reply, CarrierError> {
        let again = request.try_clone();
        let token = self.token(None).await?;
        let reply = self.send(request, &token, length).await?;
        match again {
            Some(again) if reply.status == StatusCode::UNAUTHORIZED => {
                let fresh = self.token(Some(&token)).await?;
                self.send(again, &fresh, length).await
            }
            _ => Ok(reply),
        }
    }

    async fn send(&self, request: RequestBuilder, token: &SecretString, length: Length) -> Result<Reply, CarrierError> {
        let request = request.bearer_auth(token.expose_secret());
        match length {
            Length::Usual => self.exchange.send(request).await,
            Length::Catalogue => self.exchange.send_for_catalogue(request).await,
        }
    }

    async fn token(&self, spent: Option<&SecretString>) -> Result<SecretString, CarrierError> {
        let mut kept = self.token.lock().await;
        let now = self.clock.now();
        let is_spent = |token: &Token| spent.is_some_and(|spent| spent.expose_secret() == token.text.expose_secret());
        if let Some(token) = kept.as_ref().filter(|token| now < token.until && !is_spent(token)) {
            return Ok(token.text.clone());
        }
        let Grant { expires_in, access_token } = self.fetch().await?;
        let seconds = expires_in.clamp(0, LONGEST);
        let until = now + time::Duration::seconds((seconds - EARLY).max(seconds / 2));
        let text = SecretString::from(access_token);
        *kept = Some(Token { text: text.clone(), until });
        Ok(text)
    }

    /// However this fails, nothing was ordered.
    async fn fetch(&self) -> Result<Grant, CarrierError> {
        let nothing_done = |error| match error {
            CarrierError::Unknown(what) => CarrierError::Unavailable(format!("no token: {what}")),
            other => other,
        };
        let request = self
            .exchange
            .request(Method::POST, &["token"])
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.credentials()?);
        let reply = self.exchange.send(request).await.map_err(nothing_done)?;
        match reply.status {
            StatusCode::OK => reply.json::<Granted>().map(|granted| granted.data).map_err(nothing_done),
            StatusCode::UNPROCESSABLE_ENTITY => Err(CarrierError::misconfigured("it does not know the client")),
            _ => Err(nothing_done(reply.failure())),
        }
    }

    fn credentials(&self) -> Result<String, CarrierError> {
        let fields = [
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.secret.expose()),
            ("grant_type", "client_credentials"),
        ];
        // A form is written as the query of an address is.
        let form = Url::parse_with_params("form:", fields).map_err(CarrierError::misconfigured)?;
        Ok(form.query().unwrap_or_default().to_owned())
    }
}
