//! How lines stand with their carriers, kept true: the carriers are asked in turn, heard when they tell of their own accord,
//! and asked to change a line. Owns `carrier_events`, `line_changes` and `usage_turns`.
//! A figure never undoes a renewal that was written down after it was true; orders hear of broken promises by [`DEVIATES`].

mod ask;
pub mod change;
pub mod event;
mod queries;
pub mod reading;
mod run;
pub mod schedule;
pub mod webhook;

pub use ask::{Asked, free_again, line_ref, refresh};
pub use run::{SYNC, run, schedule_all};

/// The carrier shows fewer days than a renewal gave: `{order_id, until}`.
pub const DEVIATES: &str = "line-deviates";
