//! The pages of a renewal: choosing, checking, watching and keeping it.

pub mod events;
pub mod list;
pub mod pay;
pub mod receipt;
pub mod ribbon;
pub mod status;
mod track;

pub use track::refusal_key;
