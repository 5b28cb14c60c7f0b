//! One HTTP exchange per call: no redirect, no retry, a time limit and a size limit.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, redirect, retry};

use super::wire::{QuoteBody, RenewalBody, Reply, unknown};
use crate::carriers::{Answer, Carrier, CarrierError, LineRef, Quote, RenewalRequest};

const LARGEST_ANSWER: usize = 256 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

pub struct SimulatorClient {
    base: Url,
    http: Client,
}

impl SimulatorClient {
    /// `timeout` bounds a whole exchange. What is silent for longer is unknown.
    pub fn new(base: &str, timeout: Duration) -> Result<SimulatorClient, CarrierError> {
        // The TLS library wants one provider per process; whoever comes first names the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .timeout(timeout)
            .build()
            .map_err(misconfigured)?;
        Ok(SimulatorClient { base: Url::parse(base).map_err(misconfigured)?, http })
    }

    fn at(&self, path: &[&str]) -> Result<Url, CarrierError> {
        let mut url = self.base.clone();
        let mut segments = url.path_segments_mut().map_err(|()| misconfigured("not an address of a server"))?;
        segments.pop_if_empty().extend(path);
        drop(segments);
        Ok(url)
    }
}

#[async_trait]
impl Carrier for SimulatorClient {
    async fn quote(&self, line: &LineRef, product: &str) -> Result<Quote, CarrierError> {
        let request = self.http.post(self.at(&["v1", "quotes"])?);
        exchange(request.json(&QuoteBody { line, product })).await?.quote()
    }

    async fn submit(&self, request: &RenewalRequest) -> Result<Answer, CarrierError> {
        let post = self.http.post(self.at(&["v1", "renewals"])?);
        exchange(post.json(&RenewalBody::from(request))).await?.submitted(&request.request_id)
    }

    async fn find(&self, request_id: &str) -> Result<Option<Answer>, CarrierError> {
        let get = self.http.get(self.at(&["v1", "renewals", request_id])?);
        exchange(get).await?.found(request_id)
    }
}

async fn exchange(request: RequestBuilder) -> Result<Reply, CarrierError> {
    let mut response = request.send().await.map_err(not_answered)?;
    let status = response.status();
    // Turned away: what the body says, and in which form, no longer matters.
    if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
        return Ok(Reply { status, body: Vec::new() });
    }
    if !is_json(&response) {
        return Err(unknown(&format!("answered {} with something else than JSON", status.as_u16())));
    }
    Ok(Reply { status, body: whole_body(&mut response).await? })
}

fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

async fn whole_body(response: &mut Response) -> Result<Vec<u8>, CarrierError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(not_answered)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(unknown("an answer without end"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Nothing was sent where no connection came about; after that anything may have happened.
fn not_answered(error: reqwest::Error) -> CarrierError {
    let error = error.without_url();
    if error.is_builder() {
        misconfigured(error)
    } else if error.is_connect() {
        CarrierError::Unavailable("no connection".to_owned())
    } else if error.is_timeout() {
        unknown("no answer in time")
    } else {
        unknown(&format!("the connection broke: {error}"))
    }
}

fn misconfigured(error: impl ToString) -> CarrierError {
    CarrierError::Misconfigured(error.to_string())
}
