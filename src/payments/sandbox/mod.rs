//! The rehearsal gateway's adapter. It speaks to it like to any other: signed requests, signed notifications, real HTTP.

mod client;
mod failure;
mod signature;
mod wire;

pub use client::{SandboxGateway, Settings};
pub use signature::Key;
