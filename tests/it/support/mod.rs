pub mod carrier;
pub mod carrier_api;
pub mod db;
mod keeper;
pub mod paid_order;
pub mod payments;
pub mod peers;
pub mod portal;
pub mod prism;
pub mod protocols;
pub mod scripted;
pub mod shopper;
pub mod smtp;
pub mod stripe;
pub mod tcp_proxy;
pub mod visitor;
pub mod wechat;

pub use db::PATIENCE;

/// The first number of so many digits: a code in a mail or a text.
pub fn digits_in(text: &str, count: usize) -> String {
    text.split(|c: char| !c.is_ascii_digit()).find(|part| part.len() == count).expect("a code").to_owned()
}
