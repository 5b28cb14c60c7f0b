//! All of staff's questions to the database; none of them changes a row.

pub mod account;
pub mod attention;
pub mod mailbox;
pub mod rehearsal;
pub mod search;
pub mod timeline;
