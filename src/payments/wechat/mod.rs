//! WeChat Pay, API v3: a QR code for desktops (Native), a link into the app for phones (H5). Mainland merchants take CNY only.

mod bill;
mod client;
mod failure;
mod gateway;
mod keys;
mod news;
mod orders;
mod refunds;
mod resource;
mod settings;
mod signature;
#[cfg(test)]
mod tests;
mod wire;

pub use client::Merchant;
pub use gateway::WechatGateway;
pub use keys::{ApiV3Key, Keyring};
pub use settings::WechatSettings;
