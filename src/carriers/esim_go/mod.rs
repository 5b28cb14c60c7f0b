//! eSIM Go, API v2.5. An order has no id of ours: what a lost answer came to shows only in the bundles that are on the
//! line now and were not before. A bundle waits until the one before it ends.

mod bundles;
mod client;
mod notices;
mod wire;

pub use client::EsimGo;

use super::settings::Secret;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "production")]
    pub address: String,
    /// Signs their callbacks too.
    pub api_key: Secret,
}

fn production() -> String {
    "https://api.esim-go.com/v2.5".to_owned()
}
