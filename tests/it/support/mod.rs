pub mod db;
mod keeper;
pub mod payments;
pub mod tcp_proxy;
pub mod visitor;
