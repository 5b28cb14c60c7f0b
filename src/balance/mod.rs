//! The customer's side of the ledger: what there is to spend, what moved it, topping it up, and where refunds go.

pub mod pages;
mod queries;
