//! Moments as Alipay writes them, in Beijing time and without saying so.

use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

pub const BEIJING: UtcOffset = offset!(+8);

const MOMENT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

pub fn write(at: OffsetDateTime) -> String {
    at.to_offset(BEIJING).format(MOMENT).unwrap_or_default()
}

/// Refunds carry milliseconds, payments don't.
pub fn read(text: &str) -> Option<OffsetDateTime> {
    let seconds = text.trim().split('.').next()?;
    PrimitiveDateTime::parse(seconds, MOMENT).ok().map(|at| at.assume_offset(BEIJING))
}
