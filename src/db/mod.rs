//! The database: a PostgreSQL of our own when none is given, and the pool of connections to it.

pub mod embedded;
pub mod pool;
pub mod tables;

pub use embedded::{Durability, Embedded};
pub use pool::{MIGRATOR, begin, connect, connect_waiting, probe};
