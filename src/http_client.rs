//! How other companies' machines are spoken to: in bounded time, without redirects or retries, and no answer is read for ever.

use axum::http::{HeaderMap, StatusCode, header};
use reqwest::{IntoUrl, Method, RequestBuilder, redirect, retry};
use std::error::Error;
use std::io;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Bytes an answer may have.
const LARGEST: usize = 256 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

#[derive(Clone)]
pub struct Http(reqwest::Client);

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Untouched: signatures are over these bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// The time by the clock of whoever answered.
    pub fn date(&self) -> Result<OffsetDateTime, Unanswered> {
        let date = self.header(header::DATE.as_str());
        // RFC 2822 wants an offset where HTTP says GMT.
        date.and_then(|date| OffsetDateTime::parse(&date.replace("GMT", "+0000"), &Rfc2822).ok())
            .ok_or_else(|| Unanswered { what: "an answer without a date".to_owned(), sent: true })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn is_json(&self) -> bool {
        let kind = self.header(header::CONTENT_TYPE.as_str()).unwrap_or("").split(';').next().unwrap_or("").trim();
        kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
    }
}

/// No whole answer came.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Unanswered {
    pub what: String,
    /// The request may have arrived; where this is false no connection came about.
    pub sent: bool,
}

impl Http {
    /// `timeout` bounds a whole exchange. What is silent for longer is not waited for.
    pub fn new(timeout: Duration) -> reqwest::Result<Self> {
        Self::with(timeout, |builder| builder)
    }

    /// Where more is needed than an address: a certificate of our own, another trust.
    pub fn with(
        timeout: Duration,
        more: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> reqwest::Result<Self> {
        // The TLS library wants one provider per process; whoever comes first names the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy();
        Ok(Self(more(builder).build()?))
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
                return Err(Unanswered { what: "the answer has no end".to_owned(), sent: true });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

fn lost(error: reqwest::Error) -> Unanswered {
    let sent = !error.is_connect() && !error.is_builder();
    let host = error.url().and_then(|url| Some((url.host_str()?, url.port_or_known_default()?)));
    let cause = cause(&error);
    // The host alone: what follows it in an address may be secret.
    let what = host.map_or(cause.clone(), |(host, port)| format!("{host}:{port}: {cause}"));
    Unanswered { what, sent }
}

/// Why, for the person who has to put it right. A library's own words are several layers deep.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return if error.is_connect() { "no connection in time" } else { "no answer in time" }.to_owned();
    }
    let (mut deepest, mut next): (&dyn Error, _) = (error, error.source());
    while let Some(source) = next {
        if source.to_string().starts_with("dns error") {
            return "its name is not known (DNS)".to_owned();
        }
        (deepest, next) = (source, source.source());
    }
    match deepest.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "the connection was refused".to_owned(),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => "the connection was cut off".to_owned(),
        _ => match deepest.downcast_ref::<rustls::Error>() {
            Some(tls) => format!("no trusted connection (TLS): {tls}"),
            None => deepest.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(address: &str) -> String {
        let http = Http::new(Duration::from_millis(500)).unwrap();
        let asked = http.request(Method::GET, format!("{address}/path?key=secret"));
        http.send(asked).await.err().map(|lost| lost.what).unwrap_or_default()
    }

    #[tokio::test]
    async fn what_was_lost_is_said_with_its_host_and_cause_and_no_more() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at_silent, at_closed) = (silent.local_addr().unwrap(), closed.local_addr().unwrap());
        drop(closed);
        assert_eq!(told(&format!("http://{at_closed}")).await, format!("{at_closed}: the connection was refused"));
        assert_eq!(told(&format!("http://{at_silent}")).await, format!("{at_silent}: no answer in time"));
        assert_eq!(told("http://nobody.invalid").await, "nobody.invalid:80: its name is not known (DNS)");
    }
}
