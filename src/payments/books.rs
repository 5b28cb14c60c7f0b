//! What payments and refunds are to the ledger. Each is booked in the transaction that records it, on a locked row.

use super::model::{Attempt, Refund, RefundReason, RefundStatus};
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

/// The money settled its order, so it is the asked amount.
pub async fn applied(conn: &mut PgConnection, attempt: &Attempt, now: OffsetDateTime) -> sqlx::Result<()> {
    let moves = [Move { from: Place::Undecided, to: Place::Sales, money: attempt.amount() }];
    book(conn, Kind::PaymentApplied, Times::Once, attempt, &moves, now).await
}

/// A new refund takes its amount from what the payment bought, or from what nobody had decided about.
pub async fn refund_begun(
    conn: &mut PgConnection,
    attempt: &Attempt,
    refund: &Refund,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let from = match attempt.applied {
        _ if refund.reason == RefundReason::External => Place::RefundsElsewhere,
        true => Place::Sales,
        false => Place::Undecided,
    };
    move_refund(conn, attempt, refund, (from, refund.status), now).await
}

/// The refund as it was locked, and the state it takes now.
pub async fn refund_moved(
    conn: &mut PgConnection,
    attempt: &Attempt,
    refund: &Refund,
    next: RefundStatus,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    move_refund(conn, attempt, refund, (place(attempt, refund.status), next), now).await
}

async fn move_refund(
    conn: &mut PgConnection,
    attempt: &Attempt,
    refund: &Refund,
    (from, next): (Place<'_>, RefundStatus),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let kind = match next {
        RefundStatus::Succeeded => Kind::RefundSucceeded,
        RefundStatus::Failed | RefundStatus::Manual => Kind::RefundFailed,
        RefundStatus::Requested | RefundStatus::Submitted | RefundStatus::Unknown => Kind::RefundRequested,
    };
    let money = Money::new(refund.amount_minor, refund.currency);
    let moves = [Move { from, to: place(attempt, next), money }];
    let booking = Booking {
        kind,
        subject: refund.id.0,
        times: Times::Another,
        order: Some(attempt.order_id),
        moves: &moves,
        at: now,
    };
    ledger::book(conn, &booking).await.map(|_| ()).map_err(database)
}

/// Where the money of a refund is while it stands so.
fn place(attempt: &Attempt, status: RefundStatus) -> Place<'_> {
    match status {
        RefundStatus::Requested | RefundStatus::Submitted | RefundStatus::Unknown => Place::RefundsPayable,
        RefundStatus::Failed | RefundStatus::Manual => Place::RefundsFailed,
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
    let booking = Booking { kind, subject: attempt.id.0, times, order: Some(attempt.order_id), moves, at: now };
    ledger::book(conn, &booking).await.map(|_| ()).map_err(database)
}

/// Bookings that take from no customer can only fail with their database.
fn database(error: LedgerError) -> sqlx::Error {
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
            refund_begun(conn, &attempt, &refund, refund.succeeded_at.unwrap_or(refund.created_at)).await?;
        }
    }
    Ok(())
}
