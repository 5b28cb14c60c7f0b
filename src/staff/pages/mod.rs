//! `GET /staff`, `/staff/accounts` and `/staff/accounts/{account}`.

mod account;
mod accounts;
mod entry;
mod home;
mod shown;

pub use account::show as account;
pub use accounts::index as accounts;
pub use home::show as home;

pub(super) use shown::{day_and_time, named, real_time};
