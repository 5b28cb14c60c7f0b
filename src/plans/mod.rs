//! What can be bought for a line: its term, its allowance, its price and its renewal effect.
//! [`term`] says how long a plan runs, [`effect`] what buying it does to the line it is bought for;
//! both are pure, so the review page, the order and the receipt say the same.
//! A term's days are inclusive, in the line's time zone.

pub mod allowance;
pub mod effect;
pub mod model;
mod new;
pub mod pricing;
pub mod queries;
pub mod term;
pub mod validity;

pub use new::NewPlan;
pub(crate) use queries::plan_columns;
pub use queries::{by_code, insert, of_carrier, on_sale, pricing_rule, set_withdrawn, withdraw};
