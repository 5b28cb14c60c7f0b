//! The four APIs over HTTP: one resource by its id, a search through a list of any length, a new resource.

use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use reqwest::RequestBuilder;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Settings;
use super::wire::Problem;
use crate::carriers::settings::Secret;
use crate::carriers::{Bearer, CarrierError, Exchange, Reply};
use crate::clock::Clock;
use crate::http_client::Http;

const PAGE: usize = 100;
/// A list that goes on after this is not read to its end, and nothing follows from what is not in it.
const MOST_PAGES: usize = 50;

#[derive(Clone, Copy)]
pub enum Api {
    Catalogue,
    Orders,
    Inventory,
    Balance,
}

pub struct Client {
    catalogue: Exchange,
    orders: Exchange,
    inventory: Exchange,
    balance: Exchange,
    token: Option<Secret>,
    bearer: Option<Bearer>,
}

impl Client {
    pub fn new(settings: &Settings, timeout: Duration, clock: Clock) -> Result<Self, CarrierError> {
        let http = Http::new(timeout).map_err(CarrierError::misconfigured)?;
        let at = |elsewhere: &Option<String>, name: &str| {
            let usual = || format!("{}/{name}/v4", settings.address.trim_end_matches('/'));
            Exchange::new(&elsewhere.clone().unwrap_or_else(usual), http.clone())
        };
        let bearer = settings.oauth.as_ref().map(|oauth| Bearer::new(oauth, http.clone(), clock)).transpose()?;
        Ok(Self {
            catalogue: at(&settings.apis.catalogue, "productCatalogManagement")?,
            orders: at(&settings.apis.orders, "productOrderingManagement")?,
            inventory: at(&settings.apis.inventory, "productInventory")?,
            balance: at(&settings.apis.balance, "prepayBalanceManagement")?,
            token: settings.token.clone(),
            bearer,
        })
    }

    /// One resource. `None` only where the carrier says in its own words that there is none.
    pub async fn get<T: DeserializeOwned>(&self, api: Api, path: &[&str]) -> Result<Option<T>, CarrierError> {
        let exchange = self.exchange(api);
        let reply = self.send(exchange, exchange.request(Method::GET, path)).await?;
        match reply.status {
            StatusCode::OK => reply.json().map(Some),
            StatusCode::NOT_FOUND if reply.json::<Problem>().is_ok() => Ok(None),
            _ => Err(failure(&reply)),
        }
    }

    /// Those of a list that are wanted, from the first page that has any. Carriers may honour the filter or not,
    /// so the whole list is read before it is said to have none.
    pub async fn matching<T: DeserializeOwned>(
        &self,
        api: Api,
        list: &str,
        filter: (&str, &str),
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>, CarrierError> {
        let mut found = Vec::new();
        self.pages(api, list, Some(filter), |page: Vec<T>| {
            found.extend(page.into_iter().filter(&wanted));
            found.is_empty()
        })
        .await?;
        Ok(found)
    }

    pub async fn all<T: DeserializeOwned>(&self, api: Api, list: &str) -> Result<Vec<T>, CarrierError> {
        let mut all = Vec::new();
        self.pages(api, list, None, |page: Vec<T>| {
            all.extend(page);
            true
        })
        .await?;
        Ok(all)
    }

    pub async fn create(&self, api: Api, list: &str, body: &Value) -> Result<Reply, CarrierError> {
        let exchange = self.exchange(api);
        self.send(exchange, exchange.request(Method::POST, &[list]).json(body)).await
    }

    /// Goes on until a page is empty, since a carrier may give fewer at a time than it was asked for.
    async fn pages<T: DeserializeOwned>(
        &self,
        api: Api,
        list: &str,
        filter: Option<(&str, &str)>,
        mut wants_more: impl FnMut(Vec<T>) -> bool,
    ) -> Result<(), CarrierError> {
        let (mut seen, mut before) = (0, Vec::new());
        for _ in 0..MOST_PAGES {
            let reply = self.page(api, list, filter, seen).await?;
            if reply.body == before && seen < PAGE {
                return Ok(()); // It gives everything, wherever it is asked to begin.
            }
            let page: Vec<T> = reply.json()?;
            seen += page.len();
            if page.is_empty() || !wants_more(page) {
                return Ok(());
            }
            before = reply.body;
        }
        Err(CarrierError::unknown("a list without an end"))
    }

    async fn page(
        &self,
        api: Api,
        list: &str,
        filter: Option<(&str, &str)>,
        offset: usize,
    ) -> Result<Reply, CarrierError> {
        let (offset, limit) = (offset.to_string(), PAGE.to_string());
        let query: Vec<_> = filter.into_iter().chain([("offset", offset.as_str()), ("limit", &limit)]).collect();
        let exchange = self.exchange(api);
        let request = self.authorized(exchange.request_with(Method::GET, &[list], &query)).await?;
        let reply = self.heard(exchange.send_for_catalogue(request).await?).await;
        match reply.status {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(reply),
            _ => Err(failure(&reply)),
        }
    }

    fn exchange(&self, api: Api) -> &Exchange {
        match api {
            Api::Catalogue => &self.catalogue,
            Api::Orders => &self.orders,
            Api::Inventory => &self.inventory,
            Api::Balance => &self.balance,
        }
    }

    async fn send(&self, exchange: &Exchange, request: RequestBuilder) -> Result<Reply, CarrierError> {
        let request = self.authorized(request).await?;
        Ok(self.heard(exchange.send(request).await?).await)
    }

    async fn authorized(&self, request: RequestBuilder) -> Result<RequestBuilder, CarrierError> {
        let request = request.header(header::ACCEPT, "application/json");
        Ok(match (&self.bearer, &self.token) {
            (Some(bearer), _) => request.bearer_auth(bearer.token().await?.expose_secret()),
            (None, Some(token)) => request.bearer_auth(token.expose()),
            (None, None) => request,
        })
    }

    async fn heard(&self, reply: Reply) -> Reply {
        if let (StatusCode::UNAUTHORIZED, Some(bearer)) = (reply.status, &self.bearer) {
            bearer.forget().await;
        }
        reply
    }
}

/// What the carrier says of its own mistake or ours, for the operator to read.
pub fn failure(reply: &Reply) -> CarrierError {
    match (reply.failure(), reply.json::<Problem>()) {
        (CarrierError::Misconfigured(what), Ok(problem)) => CarrierError::Misconfigured(format!("{what}: {problem}")),
        (error, _) => error,
    }
}
