//! New eSIM profiles for lines that keep their number, plan and days: issued again, or for a new device. Owns `profile_orders`.
//! `requested -> ordered -> confirmed -> released -> done`; `freeing` cancels what an older order left behind, `withdrawing`
//! what this one began and the carrier's server would not finish; `refused` changed nothing, `failed` waits for a person.
//! The server can't be asked what became of a call: each is noted before it goes out, and `model` says what its repetition means.

mod letter;
mod model;
mod queries;
mod request;
mod run;

pub use model::{Purpose, State};
pub use queries::{ProfileOrder, forget, has_open_order as is_being_renewed, is_under_way, of_line};
pub use request::{RequestError, Wish, newest, possible, request};
pub use run::{ORDER_PROFILE, run};
