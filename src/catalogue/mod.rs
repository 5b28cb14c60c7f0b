//! What carriers sell and what the operator makes of it. Owns `carrier_alerts`: what an operator has to see to
//! with a carrier before customers can renew again, one open alert of a kind for a carrier and product.

mod alert;
mod queries;

pub use alert::{Alert, close, raise};
