pub mod carrier;
pub mod db;
mod keeper;
pub mod payments;
pub mod paid_order;
pub mod tcp_proxy;
pub mod visitor;
