//! Alipay for a mainland account: payment pages for desktops and phones, whose links are signed here and nowhere announced.
//! A trade exists there only once the payer has arrived; until then only its `time_expire` bounds it.

mod answer;
mod bill;
mod client;
mod failure;
mod gateway;
mod moment;
mod news;
mod params;
mod refunds;
mod settings;
#[cfg(test)]
mod tests;
mod trades;

pub use client::Merchant;
pub use gateway::AlipayGateway;
pub use settings::AlipaySettings;
