//! What is kept of a person, in that person's hands: taking it along, and closing the account.
//! Owns `data_exports`. What a closed account leaves behind is what the books and the law need: orders, payments, receipts,
//! the ledger and the audit trail; each slice blanks the rest of its own.

mod close;
mod export;
pub mod pages;
mod queries;
mod standing;

pub use close::{CLOSE, FORGET_MAILS, close, forget_mails};
pub use export::{DROP, MAKE, drop, make};
