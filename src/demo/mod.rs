//! What only the demo has: a believable operator, a carrier and a gateway to rehearse with, and time that can be moved.
//! `seed` makes up the operator: customers, lines and orders that nobody has.

pub mod alipay;
mod carriers;
mod catalogue;
mod chance;
mod gateways;
mod history;
mod lines;
pub mod parts;
mod people;
mod queries;
pub mod rehearsal;
pub mod seed;
pub mod stock;
