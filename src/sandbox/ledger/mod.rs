//! All SQL of the sandbox that its gateways share.

mod notifications;
mod past;
mod payments;
mod refunds;
mod statements;

pub use notifications::{Due, insert_notification, note_answer, take_due};
pub use past::write_up_the_past;
pub use payments::*;
pub use refunds::{Refund, finish_refund, insert_refund, refund_by_no, refunded};
pub use statements::{Booked, Booking, alipay_bookings, booked_by_wechat, day_lines};
