//! How often somebody may begin to pay, or give an order up. A line has one open order at a time, so that who may not cancel
//! without end may not order without end either.

use crate::ids::AccountId;
use crate::web::limits::{Denied, Rate, allow};
use sqlx::PgPool;

const PAY: (&str, Rate) = ("order pay", Rate { at_once: 60, one_per: 10 });
const CANCEL: (&str, Rate) = ("order cancel", Rate { at_once: 20, one_per: 60 });

/// Each may open a payment at a gateway.
pub async fn may_pay(pool: &PgPool, account: AccountId) -> Result<(), Denied> {
    allow(pool, PAY.0, &account.to_string(), PAY.1).await
}

pub async fn may_cancel(pool: &PgPool, account: AccountId) -> Result<(), Denied> {
    allow(pool, CANCEL.0, &account.to_string(), CANCEL.1).await
}
