//! The books: where every amount of money is, and where it came from. Owns `ledger_accounts`, `ledger_transactions` and
//! `ledger_entries`. A transaction moves money from place to place, so its entries add up to zero in each currency; what
//! is booked is never changed. Whoever records a money fact books it here in the same transaction.
//! An entry counts for its account: what a gateway owes us stands below zero there, what we owe a customer above.

mod book;
mod model;
mod queries;

pub use book::{Booking, LedgerError, Times, book};
pub use model::{Kind, Move, Place};
pub use queries::{Balance, available, balances};
