use std::time::Duration;

use axum::http::{Method, header};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::RequestBuilder;
use serde_json::Value;
use sha2::Sha256;
use uuid::Uuid;

use super::Settings;
use crate::carriers::settings::Secret;
use crate::carriers::{CarrierError, Exchange, Reply};
use crate::clock::Clock;
use crate::http_client::Http;

pub struct Client {
    exchange: Exchange,
    access_code: String,
    secret: Secret,
    clock: Clock,
}

impl Client {
    pub fn new(settings: &Settings, timeout: Duration, clock: Clock) -> Result<Self, CarrierError> {
        let http = Http::new(timeout).map_err(CarrierError::misconfigured)?;
        Ok(Self {
            exchange: Exchange::new(&settings.address, http)?,
            access_code: settings.access_code.clone(),
            secret: settings.secret_key.clone(),
            clock,
        })
    }

    pub async fn post(&self, path: &[&str], body: &Value) -> Result<Reply, CarrierError> {
        self.exchange.send(self.signed(path, body)).await
    }

    pub async fn post_for_catalogue(&self, path: &[&str], body: &Value) -> Result<Reply, CarrierError> {
        self.exchange.send_for_catalogue(self.signed(path, body)).await
    }

    fn signed(&self, path: &[&str], body: &Value) -> RequestBuilder {
        let milliseconds = (self.clock.now().unix_timestamp_nanos() / 1_000_000).to_string();
        let (id, body) = (Uuid::new_v4().to_string(), body.to_string());
        let signature = sign(&self.secret, [&milliseconds, &id, &self.access_code, &body]);
        self.exchange
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("RT-AccessCode", &self.access_code)
            .header("RT-Timestamp", milliseconds)
            .header("RT-RequestID", id)
            .header("RT-Signature", signature)
            .body(body)
    }
}

#[allow(clippy::expect_used)] // HMAC takes keys of every length
fn sign(secret: &Secret, parts: [&str; 4]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("any length of key");
    parts.iter().for_each(|part| mac.update(part.as_bytes()));
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_the_provider_shows_it() {
        let parts = ["1628670421", "4ce9d9cdac9e4e17b3a2c66c358c1ce2", "11111", r#"{"imsi":"326543826"}"#];
        let expected = "7eb765e27df5373dea2dbc8c41a7d9557743e46c8054750f3d851b3fd01d0835";
        assert_eq!(sign(&"1111".into(), parts), expected);
    }
}
