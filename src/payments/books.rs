//! What payments and refunds are to the ledger. Each is booked in the transaction that records it, on a locked row.

use super::model::{Attempt, Destination, Purpose, Refund, RefundStatus};
use super::queries;
use crate::ledger::{self, Booking, Kind, LedgerError, Move, Place, Times};
use crate::money::Money;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn received(
    conn: &mut PgConnection,
    attempt: &Attempt,
    money: Money,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let moves = [Move { from: Place::Gateway(&attempt.gateway), to: Place::Undecided, money }];
    book(conn, Kind::PaymentReceived, Times::Once, attempt, &moves, now).await
}

/// The money settled its order, so it is the asked amount; the balance's part is held.
pub async fn applied(conn: &mut PgConnection, attempt: &Attempt, now: OffsetDateTime) -> sqlx::Result<()> {
    let to = bought(attempt);
    let moves = [
        Move { from: Place::Undecided, to, money: attempt.amount() },
        Move { from: Place::Held(attempt.account_id), to, money: attempt.balance_part() },
    ];
    book(conn, Kind::PaymentApplied, Times::Once, attempt, &moves, now).await
}

/// `false`: the balance does not cover it.
pub async fn held(conn: &mut PgConnection, attempt: &Attempt, now: OffsetDateTime) -> sqlx::Result<bool> {
    let (from, to) = (Place::Balance(attempt.account_id), Place::Held(attempt.account_id));
    let moves = [Move { from, to, money: attempt.balance_part() }];
    let booking = booking(Kind::BalanceHeld, Times::Another, attempt, &moves, now);
    match ledger::book(conn, &booking).await {
        Ok(_) => Ok(true),
        Err(LedgerError::NotCovered) => Ok(false),
        Err(error) => Err(database(error)),
    }
}

pub async fn released(conn: &mut PgConnection, attempt: &Attempt, now: OffsetDateTime) -> sqlx::Result<()> {
    let (from, to) = (Place::Held(attempt.account_id), Place::Balance(attempt.account_id));
    let moves = [Move { from, to, money: attempt.balance_part() }];
    book(conn, Kind::BalanceReleased, Times::Another, attempt, &moves, now).await
}

/// Where money goes that settles its order.
fn bought(attempt: &Attempt) -> Place<'_> {
    match attempt.purpose {
        Purpose::Renewal => Place::Sales,
        Purpose::TopUp => Place::Balance(attempt.account_id),
    }
}

/// A new refund takes its amount from what the payment bought, or from what nobody had decided about. What went back
/// at the gateway by hand may be more than was left.
pub async fn refund_begun(
    conn: &mut PgConnection,
    attempt: &Attempt,
    refund: &Refund,
    now: OffsetDateTime,
) -> Result<(), LedgerError> {
    let from = if attempt.applied { bought(attempt) } else { Place::Undecided };
    begin_from(conn, attempt, refund, from, now).await
}

/// What went back without us, although the customer has spent it since: nobody's balance can answer for it.
pub async fn refund_begun_beyond(
    conn: &mut PgConnection,
    attempt: &Attempt,
    refund: &Refund,
    now: OffsetDateTime,
) -> Result<(), LedgerError> {
    begin_from(conn, attempt, refund, Place::RefundsElsewhere, now).await
}

async fn begin_from(
    conn: &mut PgConnection,
    attempt: &Attempt,
    refund: &Refund,
    from: Place<'_>,
    now: OffsetDateTime,
) -> Result<(), LedgerError> {
    let to = place(attempt, refund);
    let reserved = Money::new(refund.reserved_minor, refund.currency);
    let beyond = Money::new(refund.amount_minor - refund.reserved_minor, refund.currency);
    let moves = [Move { from, to, money: reserved }, Move { from: Place::RefundsElsewhere, to, money: beyond }];
    move_refund(conn, attempt, refund, &moves, now).await
}

/// The refund as it was locked, and as it is now.
pub async fn refund_moved(
    conn: &mut PgConnection,
    attempt: &Attempt,
    before: &Refund,
    after: &Refund,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let money = Money::new(after.amount_minor, after.currency);
    let moves = [Move { from: place(attempt, before), to: place(attempt, after), money }];
    move_refund(conn, attempt, after, &moves, now).await.map_err(database)
}

async fn move_refund(
    conn: &mut PgConnection,
    attempt: &Attempt,
    refund: &Refund,
    moves: &[Move<'_>],
    now: OffsetDateTime,
) -> Result<(), LedgerError> {
    let kind = match refund.status {
        RefundStatus::Succeeded => Kind::RefundSucceeded,
        RefundStatus::Failed | RefundStatus::Manual => Kind::RefundFailed,
        RefundStatus::Requested | RefundStatus::Submitted | RefundStatus::Unknown => Kind::RefundRequested,
    };
    let booking =
        Booking { kind, subject: refund.id.0, times: Times::Another, order: Some(attempt.order_id), moves, at: now };
    ledger::book(conn, &booking).await.map(|_| ())
}

/// Where the money of a refund is while it stands so.
fn place<'a>(attempt: &'a Attempt, refund: &Refund) -> Place<'a> {
    match refund.status {
        RefundStatus::Requested | RefundStatus::Submitted | RefundStatus::Unknown => Place::RefundsPayable,
        RefundStatus::Failed | RefundStatus::Manual => Place::RefundsFailed,
        RefundStatus::Succeeded if refund.destination == Destination::Balance => Place::Balance(attempt.account_id),
        RefundStatus::Succeeded if refund.by_hand.is_some() => Place::RefundsElsewhere,
        RefundStatus::Succeeded => Place::Gateway(&attempt.gateway),
    }
}

async fn book(
    conn: &mut PgConnection,
    kind: Kind,
    times: Times,
    attempt: &Attempt,
    moves: &[Move<'_>],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    ledger::book(conn, &booking(kind, times, attempt, moves, now)).await.map(|_| ()).map_err(database)
}

fn booking<'a>(kind: Kind, times: Times, attempt: &Attempt, moves: &'a [Move<'a>], now: OffsetDateTime) -> Booking<'a> {
    Booking { kind, subject: attempt.id.0, times, order: Some(attempt.order_id), moves, at: now }
}

/// Bookings that take from no customer can only fail with their database.
pub(super) fn database(error: LedgerError) -> sqlx::Error {
    match error {
        LedgerError::Database(error) => error,
        other => sqlx::Error::Encode(Box::new(other)),
    }
}

/// Books payments and refunds that came into the database as rows, as the demo's past does.
pub async fn write_up(conn: &mut PgConnection) -> sqlx::Result<()> {
    for attempt in queries::all_succeeded(conn).await? {
        let Some((money, at)) = attempt.received().zip(attempt.succeeded_at) else { continue };
        received(conn, &attempt, money, at).await?;
        if attempt.applied {
            applied(conn, &attempt, at).await?;
        }
        for refund in queries::refunds::refunds_of(conn, attempt.id).await? {
            let at = refund.succeeded_at.unwrap_or(refund.created_at);
            refund_begun(conn, &attempt, &refund, at).await.map_err(database)?;
        }
    }
    Ok(())
}
