//! The protocol of the built-in carrier simulator, spoken as to any other carrier: JSON over HTTP,
//! idempotent on the request id, asynchronous, with a look-up by request id. It stands for all
//! known carriers in the demo.

mod client;
mod notice;
mod wire;

pub use client::SimulatorClient;

use super::settings::Secret;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub address: String,
    /// What its notices are signed with; without it none are taken.
    pub secret: Option<Secret>,
}
