//! Our cookies: host-bound and Secure wherever there is https; plain only in a demo without it, since Safari refuses
//! Secure cookies from localhost.
use axum::http::{HeaderMap, HeaderValue, header};

use super::ctx::cookie;

#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    pub secure: bool,
}

impl Cookies {
    pub fn of(base_url: &str) -> Self {
        Self { secure: base_url.starts_with("https://") }
    }

    pub fn read<'a>(self, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        let name = self.full_name(name);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .find_map(|value| cookie(value, &name))
    }

    /// `value` has to be made of cookie characters. Without `max_age` the cookie ends with the browser.
    pub fn set(self, name: &str, value: &str, max_age: Option<u32>) -> Option<HeaderValue> {
        let age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let secure = if self.secure { "; Secure" } else { "" };
        let name = self.full_name(name);
        // Lax and not Strict: the way back from a payment page has to find the customer signed in.
        HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")).ok()
    }

    pub fn clear(self, name: &str) -> Option<HeaderValue> {
        self.set(name, "", Some(0))
    }

    fn full_name(self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }
}
