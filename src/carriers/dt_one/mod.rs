//! DT One's Digital Value Services, API v1. A renewal is a transaction under our own id, in two steps: created, which holds
//! its price, and confirmed or cancelled. One that lapsed before it was confirmed is made anew under a second id, since
//! theirs are used once.

mod client;
mod notices;
mod reserve;
mod wire;

pub use client::DtOne;

use std::net::IpAddr;

use super::settings::Secret;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "production")]
    pub address: String,
    pub api_key: Secret,
    pub api_secret: Secret,
    /// Where they report what became of a transaction.
    pub callback_url: Option<String>,
    /// Who reports it: their reports are not signed, so only these addresses are believed.
    #[serde(default)]
    pub callback_from: Vec<IpAddr>,
}

fn production() -> String {
    "https://dvs-api.dtone.com/v1".to_owned()
}
