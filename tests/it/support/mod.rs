pub mod carrier;
pub mod db;
mod keeper;
pub mod paid_order;
pub mod payments;
pub mod tcp_proxy;
pub mod visitor;
