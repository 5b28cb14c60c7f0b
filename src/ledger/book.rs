use super::model::{Kind, Move, Place};
use super::queries;
use crate::ids::OrderId;
use crate::money::Currency;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// Whether the fact can come again for the same payment or refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    Once,
    /// Its caller holds the lock of the payment or refund, so that it knows that this is another time.
    Another,
}

pub struct Booking<'a> {
    pub kind: Kind,
    /// The payment or the refund.
    pub subject: Uuid,
    pub times: Times,
    pub order: Option<OrderId>,
    pub moves: &'a [Move<'a>],
    pub at: OffsetDateTime,
}

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("the customer's balance does not cover it")]
    NotCovered,
    #[error("an amount is below zero or out of range")]
    Amount,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// One entry to be.
pub(super) struct Line {
    pub ledger_account: i64,
    pub currency: Currency,
    pub minor: i64,
}

/// Books a fact. `false`: it is booked already, or nothing moved.
/// The balances of customers are locked in the order of their rows: two who need the same never wait for each other.
pub async fn book(conn: &mut PgConnection, booking: &Booking<'_>) -> Result<bool, LedgerError> {
    let totals = totals(booking.moves)?;
    if totals.is_empty() {
        return Ok(false);
    }
    let places: Vec<_> = totals.keys().copied().collect();
    let accounts = queries::accounts(conn, &places).await?;
    let of_customers: Vec<_> = places.iter().filter(|(place, _)| place.customer().is_some()).collect();
    if !of_customers.is_empty() {
        let names: Vec<_> = of_customers.iter().map(|(place, currency)| place.name(currency.code())).collect();
        let balances = queries::lock_balances(conn, &names).await?;
        let covered =
            |name: &String, minor: i64| balances.get(name).and_then(|held| held.checked_add(minor)) >= Some(0);
        let enough =
            of_customers.iter().zip(&names).all(|(key, name)| covered(name, totals.get(*key).copied().unwrap_or(0)));
        if !enough {
            return Err(LedgerError::NotCovered);
        }
    }
    let line = |((place, currency), minor): (&(Place<'_>, Currency), &i64)| {
        let ledger_account = accounts.get(&place.name(currency.code())).copied()?;
        Some(Line { ledger_account, currency: *currency, minor: *minor })
    };
    let lines: Option<Vec<_>> = totals.iter().map(line).collect();
    Ok(queries::insert(conn, booking, &lines.ok_or(sqlx::Error::RowNotFound)?).await?)
}

/// What each place gains or loses; those that end as they began are left out.
fn totals<'a>(moves: &[Move<'a>]) -> Result<BTreeMap<(Place<'a>, Currency), i64>, LedgerError> {
    let mut totals = BTreeMap::new();
    let mut add = |place, currency, minor: i64| {
        let total: &mut i64 = totals.entry((place, currency)).or_insert(0);
        *total = total.checked_add(minor).ok_or(LedgerError::Amount)?;
        Ok::<_, LedgerError>(())
    };
    for Move { from, to, money } in moves {
        if money.minor < 0 {
            return Err(LedgerError::Amount);
        }
        add(*from, money.currency, -money.minor)?;
        add(*to, money.currency, money.minor)?;
    }
    totals.retain(|_, minor| *minor != 0);
    Ok(totals)
}
