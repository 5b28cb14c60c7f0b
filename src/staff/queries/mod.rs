//! All of staff's questions to the database; only the demo's clock is moved.

pub mod account;
pub mod attention;
pub mod catalogue;
pub mod gateways;
pub mod line;
pub mod mailbox;
pub mod money;
pub mod notices;
pub mod plans;
pub mod rehearsal;
pub mod search;
pub mod timeline;
