//! A form is only believed when it comes from our own page: the browser has to say so (origin) and the form has to carry
//! this visitor's token. Old browsers and scripts send no origin, hence the token.
use axum::response::{IntoResponse, Response};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use super::{CsrfToken, PageError};

/// The cookie that stands in for a session while nobody is signed in, so that visitors and crawlers fill no table.
pub const VISITOR_COOKIE: &str = "visitor";

pub type Refuse = fn(ProtectionError) -> Response;

/// Lets no other site post to us. `own_origin` matters where a proxy changes the host name on the way. A page whose
/// address is `secret` sends no referrer, so that older browsers call its form's origin `null`: there the secret and
/// the form's token have to do.
pub fn same_origin_only(own_origin: &str, secret: fn(&str) -> bool) -> CsrfLayer<Refuse> {
    let refuse: Refuse = |_| PageError::FormExpired.into_response();
    let layer = CsrfLayer::new().with_insecure_bypass(move |_, uri| secret(uri.path()));
    let layer = layer.clone().add_trusted_origin(own_origin).unwrap_or(layer);
    layer.with_rejection_response(refuse)
}

impl CsrfToken {
    /// Derived from a secret that only this browser and we know: the session's id, or the visitor cookie. Whoever could
    /// compute it already holds the cookie, so it needs no key of ours and holds across replicas and restarts.
    pub fn derived_from(secret: &str) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!("form token\0{secret}"))))
    }

    pub fn matches(&self, sent: &str) -> bool {
        self.0.as_bytes().ct_eq(sent.as_bytes()).into()
    }
}

/// A visitor's secret: what was in the cookie if it can be one of ours, else a new one.
pub fn visitor_secret(cookie: Option<&str>) -> (String, bool) {
    match cookie.filter(|value| BASE64_URL_SAFE_NO_PAD.decode(value).is_ok_and(|bytes| bytes.len() == 16)) {
        Some(known) => (known.to_owned(), false),
        None => {
            let mut bytes = [0; 16];
            crate::ids::fill_random(&mut bytes);
            (BASE64_URL_SAFE_NO_PAD.encode(bytes), true)
        }
    }
}
