pub mod db;
mod keeper;
pub mod tcp_proxy;
pub mod visitor;
