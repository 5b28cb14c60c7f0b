//! Rows by the thousand, for whoever fills a database without a file.

pub use super::customers::{CustomerRow, Identified as IdentifiedCustomer};
pub use super::lines::{Identified as IdentifiedLine, LineRow};
pub use super::plans::PlanRow;
pub use super::queries::{insert_customers, insert_lines, insert_plans, insert_stock};
pub use super::ranges::RangeRow;
