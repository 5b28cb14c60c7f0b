//! The part of a payment that the customer's balance makes: held while the payment is open, given free when it ends without
//! money, spent when it is applied. The attempt is locked by whoever calls.

use super::gateway::MoneyIn;
use super::model::{Attempt, BalanceState};
use super::open::{self, OpenError, OpenPayment};
use super::{books, queries};
use crate::ids::AttemptId;
use crate::money::Money;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// The name of the method, and what stands for a gateway where the balance pays all.
pub const BALANCE: &str = "balance";

/// Pays with the balance alone: the money is here already, so it has come as soon as it is held. The caller applies it.
pub async fn pay(conn: &mut PgConnection, payment: OpenPayment, now: OffsetDateTime) -> Result<AttemptId, OpenError> {
    let id = open::write(conn, &payment, now).await?;
    let received = Money::zero(payment.balance.currency);
    let money = MoneyIn { transaction: format!("{BALANCE}-{id}"), received, at: now };
    queries::record_money(conn, id, &money).await?;
    Ok(id)
}

/// Sees to it that the balance's part is held. `false`: the balance does not cover it any more.
pub async fn cover(conn: &mut PgConnection, attempt: &Attempt, now: OffsetDateTime) -> sqlx::Result<bool> {
    let is_held = matches!(attempt.balance_state, BalanceState::Held | BalanceState::Captured);
    if attempt.balance_minor == 0 || is_held {
        return Ok(true);
    }
    if !books::held(conn, attempt, now).await? {
        return Ok(false);
    }
    queries::set_balance_state(conn, attempt.id, BalanceState::Held).await?;
    Ok(true)
}

/// Gives the balance's part free if it is held.
pub async fn release(conn: &mut PgConnection, attempt: &Attempt, now: OffsetDateTime) -> sqlx::Result<()> {
    if attempt.balance_state != BalanceState::Held {
        return Ok(());
    }
    books::released(conn, attempt, now).await?;
    queries::set_balance_state(conn, attempt.id, BalanceState::Released).await
}
