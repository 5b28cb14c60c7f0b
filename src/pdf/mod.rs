//! The receipt on paper: one A4 page, the reader's language large and the other one small beneath it, in fonts the
//! binary carries. Callers hand over finished texts; nothing here knows orders, money or dates.
//!
//! `layout` turns a [`Receipt`] into a [`sheet::Sheet`] of texts and shapes, `render` paints that sheet.

mod font;
mod layout;
mod model;
mod paint;
mod ribbon;
mod sheet;
mod wrap;

pub use font::missing;
pub use model::{Mark, Part, Receipt, Ribbon, Row, Section, Segment, Text};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the receipt holds more than one page can show")]
    TooLong,
    #[error("the receipt could not be written: {0}")]
    Writing(String),
}

/// Draws the receipt as a PDF of exactly one A4 page, smaller where it holds much.
pub fn render(receipt: &Receipt) -> Result<Vec<u8>, Error> {
    let sheet = layout::fit(receipt)?;
    paint::write(&sheet, receipt)
}
