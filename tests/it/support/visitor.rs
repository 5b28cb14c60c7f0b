//! Somebody with a browser: keeps cookies, and sends a form with the token of the page that was shown last.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

#[derive(Clone)]
pub struct Visitor {
    way: Way,
    pub cookies: BTreeMap<String, String>,
    pub token: String,
    pub headers: Vec<(&'static str, String)>,
}

/// To a router in this process, or over the network.
#[derive(Clone)]
enum Way {
    Inside(Router),
    Over { http: reqwest::Client, base: String },
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of ASCII"))
    }

    pub fn token(&self) -> Option<&str> {
        self.body.split_once(r#"name="csrf" value=""#)?.1.split('"').next()
    }

    /// The page without what differs between any two visitors.
    pub fn without_token(&self) -> String {
        match self.token() {
            Some(token) => self.body.replace(token, "TOKEN"),
            None => self.body.clone(),
        }
    }
}

impl Visitor {
    pub fn new(app: &Router) -> Self {
        Self { way: Way::Inside(app.clone()), cookies: BTreeMap::new(), token: String::new(), headers: vec![] }
    }

    /// `base` as `http://127.0.0.1:8080`.
    pub fn at(base: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let way = Way::Over { http: http.build().expect("a client"), base: base.to_owned() };
        Self { way, cookies: BTreeMap::new(), token: String::new(), headers: vec![] }
    }

    /// The same person at another address of the portal.
    pub fn moved_to(&self, base: &str) -> Self {
        Self { cookies: self.cookies.clone(), token: self.token.clone(), ..Self::at(base) }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, Body::empty()).await
    }

    /// Posts a form with the token of the last page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token.clone();
        let fields: Vec<_> = [("csrf", token.as_str())].iter().chain(fields).copied().collect();
        self.post_as_is(path, &fields).await
    }

    pub async fn post_as_is(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.send("POST", path, Body::from(pairs.join("&"))).await
    }

    pub async fn send(&mut self, method: &str, path: &str, body: Body) -> Answer {
        self.try_send(method, path, body).await.expect("an answer")
    }

    /// `None`: nobody answered, or not to the end.
    pub async fn try_send(&mut self, method: &str, path: &str, body: Body) -> Option<Answer> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = match &self.way {
            Way::Inside(_) => Request::builder().uri(path).header(header::HOST, "portal.example"),
            Way::Over { base, .. } => Request::builder().uri(format!("{base}{path}")),
        };
        request = request.method(method);
        request = request.header(header::ACCEPT_LANGUAGE, "en");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if method == "POST" {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let (status, headers, bytes) = self.way.carry(request.body(body).expect("a request")).await?;
        self.keep_cookies(&headers);
        // Dates hold together by no-break spaces; a test reads them as people do.
        let body = String::from_utf8_lossy(&bytes).replace('\u{a0}', " ").replace('\u{2060}', "");
        let answer = Answer { status, headers, body };
        if let Some(token) = answer.token() {
            self.token = token.to_owned();
        }
        Some(answer)
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("a cookie of ASCII");
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            match cookie.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }
}

impl Way {
    async fn carry(&self, request: Request<Body>) -> Option<(StatusCode, HeaderMap, Vec<u8>)> {
        let (http, request) = match self {
            Self::Inside(app) => {
                let (parts, body) = app.clone().oneshot(request).await.ok()?.into_parts();
                return Some((parts.status, parts.headers, body.collect().await.ok()?.to_bytes().into()));
            }
            Self::Over { http, .. } => (http, request),
        };
        let (parts, body) = request.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        let request = reqwest::Request::try_from(Request::from_parts(parts, body)).ok()?;
        let response = http.execute(request).await.ok()?;
        let (status, headers) = (response.status(), response.headers().clone());
        // A stream has no end to wait for.
        if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
            return Some((status, headers, vec![]));
        }
        Some((status, headers, response.bytes().await.ok()?.into()))
    }
}

pub fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") }).collect()
}
