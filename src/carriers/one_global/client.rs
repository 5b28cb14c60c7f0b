use std::time::Duration;

use axum::http::{Method, StatusCode};
use reqwest::RequestBuilder;
use secrecy::ExposeSecret;

use super::Settings;
use super::wire::{self, NewOrder, Order, Subscription, Subscriptions};
use crate::carriers::{Bearer, CarrierError, Exchange, RenewalRequest, Reply};
use crate::clock::Clock;
use crate::http_client::Http;

const CORRELATION: &str = "x-correlation-id";
const MOST_PAGES: u32 = 50;

pub struct Client {
    exchange: Exchange,
    bearer: Bearer,
    country: String,
}

impl Client {
    pub fn new(settings: &Settings, timeout: Duration, clock: Clock) -> Result<Self, CarrierError> {
        let http = Http::new(timeout).map_err(CarrierError::misconfigured)?;
        Ok(Self {
            exchange: Exchange::new(&settings.address, http.clone())?,
            bearer: Bearer::new(&settings.credentials(), http, clock)?,
            country: settings.country.clone(),
        })
    }

    pub async fn order(&self, request: &RenewalRequest) -> Result<Order, CarrierError> {
        let body = NewOrder::of(request, &self.country)?;
        let post = self.exchange.request(Method::POST, &["orders"]).header(CORRELATION, &request.request_id);
        wire::order(&self.send(post.json(&body)).await?)
    }

    pub async fn order_of(&self, reference: &str, request_id: &str) -> Result<Order, CarrierError> {
        let get = self.exchange.request(Method::GET, &["orders", reference]).header(CORRELATION, request_id);
        wire::order(&self.send(get).await?)
    }

    /// All that were ever on the SIM.
    pub async fn subscriptions(&self, iccid: &str) -> Result<Vec<Subscription>, CarrierError> {
        let mut all: Vec<Subscription> = Vec::new();
        for page in 1..=MOST_PAGES {
            let number = page.to_string();
            let query = [("iccid", iccid), ("page_size", "100"), ("page", &number)];
            let reply = self.send(self.exchange.request_with(Method::GET, &["subscriptions"], &query)).await?;
            if reply.status != StatusCode::OK {
                return Err(reply.failure());
            }
            let found: Subscriptions = reply.json()?;
            let is_last = found.is_last(page);
            let known = all.len();
            all.extend(found.data.into_iter().filter(|one| one.is_on(iccid)));
            if is_last || all.len() == known {
                return Ok(all);
            }
        }
        Err(CarrierError::unknown("a list without an end"))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Reply, CarrierError> {
        let token = self.bearer.token().await?;
        let reply = self.exchange.send(request.bearer_auth(token.expose_secret())).await?;
        if reply.status == StatusCode::UNAUTHORIZED {
            self.bearer.forget().await;
        }
        Ok(reply)
    }
}
