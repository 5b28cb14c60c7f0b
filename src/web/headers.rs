//! What every answer tells the browser, whatever produced it.
use std::sync::Arc;

use super::csp;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=(), xr-spatial-tracking=()";

/// For pages whose own address is a secret.
pub const NO_REFERRER: (HeaderName, HeaderValue) = (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));

/// For the way to a payment page: some take a payer only from a site that says its name.
pub const ORIGIN_AS_REFERRER: (HeaderName, HeaderValue) = (header::REFERRER_POLICY, HeaderValue::from_static("origin"));

#[derive(Clone, Debug)]
pub struct SecurityHeaders {
    policy: HeaderValue,
    https: bool,
}

impl SecurityHeaders {
    /// `payment_origins`: a browser applies `form-action` to redirects as well, so the origins of payment pages that a
    /// posted form may end up at have to be named. Our own sandbox page needs none.
    pub fn new(https: bool, payment_origins: &[String]) -> Arc<Self> {
        let origins: String = payment_origins.iter().filter(|o| is_origin(o)).map(|o| format!(" {o}")).collect();
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
             connect-src 'self'; form-action 'self'{origins}; base-uri 'none'; frame-ancestors 'none'; \
             report-uri {reports}; report-to csp",
            reports = csp::PATH
        );
        let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Arc::new(Self { policy, https })
    }
}

fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]*".contains(&b))
    })
}

pub async fn add(State(chosen): State<Arc<SecurityHeaders>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, chosen.policy.clone());
    headers.insert("reporting-endpoints", HeaderValue::from_static("csp=\"/csp-reports\""));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert("permissions-policy", HeaderValue::from_static(PERMISSIONS));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    if chosen.https {
        let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
    }
    // `no-referrer` everywhere would make browsers send `Origin: null` with our own forms.
    unless_set(headers, header::REFERRER_POLICY, "same-origin");
    unless_set(headers, header::CACHE_CONTROL, "no-store");
    response
}

fn unless_set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_origin_cannot_smuggle_a_directive() {
        let given =
            ["https://pay.example", "https://x; script-src *", "javascript:alert(1)", "https://"].map(String::from);
        let policy = SecurityHeaders::new(true, &given).policy.clone();
        let policy = policy.to_str().unwrap();
        assert!(policy.contains("form-action 'self' https://pay.example; base-uri 'none'"), "{policy}");
    }
}
