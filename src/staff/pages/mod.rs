//! `GET /staff`, `/staff/accounts` and `/staff/accounts/{account}`, and what finance does about money.

mod account;
mod accounts;
mod entry;
mod home;
mod money;
mod refund;
mod shown;
mod work;

pub use account::show as account;
pub use accounts::index as accounts;
pub use home::show as home;
pub use refund::{confirm as refund_confirm, review as refund_review, show as refund};
pub use work::{case_closed, refund_done, retry_refund};

pub(super) use shown::{day_and_time, named, real_time};
