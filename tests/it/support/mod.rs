pub mod db;
mod keeper;
pub mod tcp_proxy;
