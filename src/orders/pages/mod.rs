//! The pages of a renewal: the lines, choosing, checking, paying, watching and keeping it.

pub mod account;
pub mod cancel;
pub mod choose;
pub mod code;
pub mod events;
pub mod label;
mod lead;
pub mod line;
pub mod line_card;
pub mod line_change;
pub mod list;
pub mod open_order;
pub mod pay;
pub mod plan_card;
pub mod profile;
pub mod receipt;
pub mod renew;
mod returns;
pub mod review;
pub mod ribbon;
pub mod status;
mod track;

pub use track::{method_told, refusal_key};
