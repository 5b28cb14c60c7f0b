pub mod calendar;
pub mod decimal;
pub mod lang;
pub mod money;
pub mod units;

pub mod plans;
