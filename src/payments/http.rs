//! How every gateway is spoken to: in bounded time, without redirects, and no answer is read for ever.

use super::gateway::GatewayError;
use axum::http::{HeaderMap, StatusCode, header};
use reqwest::{IntoUrl, Method, RequestBuilder, redirect};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Bytes an answer may have.
const LARGEST: usize = 256 * 1024;

pub struct Http(reqwest::Client);

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Untouched: signatures are over these bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// The time by the clock of whoever answered.
    pub fn date(&self) -> Result<OffsetDateTime, GatewayError> {
        let date = self.headers.get(header::DATE).and_then(|date| date.to_str().ok());
        // RFC 2822 wants an offset where HTTP says GMT.
        date.and_then(|date| OffsetDateTime::parse(&date.replace("GMT", "+0000"), &Rfc2822).ok())
            .ok_or_else(|| GatewayError::Unknown("an answer without a date".to_owned()))
    }
}

/// The request may have arrived; no whole answer came.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unanswered(pub String);

impl Http {
    pub fn new(timeout: Duration) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(Duration::from_secs(2).min(timeout))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self(client))
    }

    pub fn request(&self, method: Method, url: impl IntoUrl) -> RequestBuilder {
        self.0.request(method, url)
    }

    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, Unanswered> {
        self.send_up_to(LARGEST, request).await
    }

    /// For the few answers that are long by nature, such as a day's statement.
    pub async fn send_up_to(&self, largest: usize, request: RequestBuilder) -> Result<Answer, Unanswered> {
        let mut answer = request.send().await.map_err(lost)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > largest {
                return Err(Unanswered("the answer has no end".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

fn lost(error: reqwest::Error) -> Unanswered {
    Unanswered(error.without_url().to_string())
}
