//! One HTTP exchange with a carrier, and what its bare outcome says.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use reqwest::{RequestBuilder, Url};
use serde::de::DeserializeOwned;

use super::CarrierError;
use crate::http_client::{Answer, Http};

/// How long to leave a carrier alone that doesn't say how long, and the longest we believe.
const SHORT_REST: Duration = Duration::from_secs(30);
const LONG_REST: Duration = Duration::from_secs(3_600);
/// A catalogue may be long.
const LARGEST_CATALOGUE: usize = 16 * 1024 * 1024;

#[derive(Clone)]
pub struct Exchange {
    base: Url,
    http: Http,
}

/// An answer that came whole, within the limit and as JSON.
pub struct Reply {
    pub status: StatusCode,
    pub body: Vec<u8>,
}

impl Exchange {
    pub fn new(base: &str, http: Http) -> Result<Self, CarrierError> {
        let base = Url::parse(base).map_err(CarrierError::misconfigured)?;
        if base.cannot_be_a_base() {
            return Err(CarrierError::misconfigured("not an address of a server"));
        }
        Ok(Self { base, http })
    }

    /// A request below the carrier's address; each part is one segment, whatever is in it.
    pub fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        self.request_with(method, path, &[])
    }

    /// The same with a query.
    pub fn request_with(&self, method: Method, path: &[&str], query: &[(&str, &str)]) -> RequestBuilder {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.http.request(method, url)
    }

    pub async fn send(&self, request: RequestBuilder) -> Result<Reply, CarrierError> {
        read(self.http.send(request).await?)
    }

    pub async fn send_for_catalogue(&self, request: RequestBuilder) -> Result<Reply, CarrierError> {
        read(self.http.send_up_to(LARGEST_CATALOGUE, request).await?)
    }
}

/// Turned away: what the body says, and in which form, no longer matters.
fn read(answer: Answer) -> Result<Reply, CarrierError> {
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS => Err(CarrierError::Busy(rest(&answer))),
        StatusCode::SERVICE_UNAVAILABLE => Err(CarrierError::Unavailable("answered 503".to_owned())),
        status if !answer.is_json() && !answer.body.is_empty() => {
            Err(CarrierError::unknown(format!("answered {} with something else than JSON", status.as_u16())))
        }
        status => Ok(Reply { status, body: answer.body }),
    }
}

fn rest(answer: &Answer) -> Duration {
    let seconds = answer.header("retry-after").and_then(|text| text.trim().parse().ok());
    seconds.map_or(SHORT_REST, Duration::from_secs).clamp(Duration::from_secs(1), LONG_REST)
}

impl Reply {
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CarrierError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| CarrierError::unknown(format!("an answer we can't read: {error}")))
    }

    /// What a status means that the protocol says nothing about. Whatever is unclear may have happened.
    pub fn failure(&self) -> CarrierError {
        let text = format!("answered {}", self.status.as_u16());
        match self.status {
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                CarrierError::Misconfigured(text)
            }
            _ => CarrierError::Unknown(text),
        }
    }
}
