//! Money on its way back. [`request`] is the only door: it reserves what goes back on the attempt and fixes the number.

mod apply;
mod by_person;
mod external;
mod run;

pub use apply::{ByHand, apply};
pub use by_person::{PersonError, done_by_hand, put_to_balance, retry};
pub(super) use external::made_elsewhere;
pub use run::run;

use super::model::{Attempt, Destination, Purpose, Refund, RefundReason, RefundStatus, Source, new_refund_no};
use super::{REFUND_FAILED, REFUND_FINISHED, books, queries, refund_job};
use crate::accounts::{self, RefundsTo};
use crate::ids::{AttemptId, RefundId};
use crate::jobs;
use crate::ledger::LedgerError;
use crate::money::Money;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub const JOB: &str = "submit-refund";

#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    #[error("there is no such payment")]
    NoPayment,
    #[error("more would go back than was received")]
    TooMuch,
    #[error("the customer has spent it since")]
    Spent,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<LedgerError> for RefundError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::NotCovered => Self::Spent,
            LedgerError::Amount => Self::TooMuch,
            LedgerError::Database(error) => Self::Database(error),
        }
    }
}

/// Reserves the amount, fixes the refund's number and has it submitted, all in the caller's transaction.
/// Each part goes back to where it came from, what the gateway brought first; or all to the balance, if the customer
/// prefers that. What goes to the balance is there at once. Answers the refund that takes longest.
/// A second automatic refund of one attempt is the first one. Of disputed money nothing goes back by itself.
pub async fn request(
    conn: &mut PgConnection,
    attempt: AttemptId,
    amount: Money,
    reason: RefundReason,
    now: OffsetDateTime,
) -> Result<RefundId, RefundError> {
    request_to(conn, attempt, Wish { amount, reason, to: None, why: None }, now).await
}

/// What somebody wants to have go back.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    pub amount: Money,
    pub reason: RefundReason,
    /// `None`: as the customer prefers.
    pub to: Option<Destination>,
    /// In a person's words, for colleagues.
    pub why: Option<&'a str>,
}

/// As [`request`], to where somebody has chosen.
pub async fn request_to(
    conn: &mut PgConnection,
    attempt: AttemptId,
    wish: Wish<'_>,
    now: OffsetDateTime,
) -> Result<RefundId, RefundError> {
    let attempt = queries::lock_attempt(conn, attempt).await?.ok_or(RefundError::NoPayment)?;
    if wish.reason.is_automatic()
        && let Some(before) = queries::refunds::automatic_refund_of(conn, attempt.id).await?
    {
        return Ok(before);
    }
    let to = match wish.to {
        Some(to) => to,
        None => preferred(conn, &attempt).await?,
    };
    let (of_payment, of_balance) = parts(&attempt, wish.amount)?;
    let mut begun = None;
    if of_balance.is_positive() {
        if !queries::refunds::return_balance(conn, attempt.id, of_balance).await? {
            return Err(RefundError::TooMuch);
        }
        let refund = to_balance(new(&attempt, of_balance, wish, now), Source::Balance);
        begun = Some(begin(conn, &attempt, &refund, now).await?);
    }
    if of_payment.is_positive() {
        if !queries::refunds::reserve_refund(conn, attempt.id, of_payment).await? {
            return Err(RefundError::TooMuch);
        }
        let refund = new(&attempt, of_payment, wish, now);
        let goes_to_balance = may_go_to_balance(&attempt, &refund) && to == Destination::Balance;
        let refund = if goes_to_balance { to_balance(refund, Source::Payment) } else { refund };
        begun = Some(begin(conn, &attempt, &refund, now).await?);
    }
    begun.ok_or(RefundError::TooMuch)
}

/// Which part of an amount a person would send back goes where, before anything moves. `to` is `None` for the
/// customer's own choice.
pub async fn ways_back(
    conn: &mut PgConnection,
    attempt: AttemptId,
    amount: Money,
    to: Option<Destination>,
) -> Result<Vec<(Money, Destination)>, RefundError> {
    let attempt = queries::attempt(&mut *conn, attempt).await?.ok_or(RefundError::NoPayment)?;
    let to = match to {
        _ if is_top_up(&attempt) => Destination::Gateway,
        Some(to) => to,
        None => preferred(conn, &attempt).await?,
    };
    let (of_payment, of_balance) = parts(&attempt, amount)?;
    Ok(match to {
        Destination::Balance => vec![(amount, Destination::Balance)],
        Destination::Gateway => [(of_payment, Destination::Gateway), (of_balance, Destination::Balance)]
            .into_iter()
            .filter(|(money, _)| money.is_positive())
            .collect(),
    })
}

async fn preferred(conn: &mut PgConnection, attempt: &Attempt) -> sqlx::Result<Destination> {
    Ok(match accounts::refunds_to(conn, attempt.account_id).await? {
        RefundsTo::Origin => Destination::Gateway,
        RefundsTo::Balance => Destination::Balance,
    })
}

/// A top-up is on the balance already, and what a bank is asked to take back is decided by a person.
fn may_go_to_balance(attempt: &Attempt, refund: &Refund) -> bool {
    !is_top_up(attempt) && refund.status == RefundStatus::Requested
}

fn is_top_up(attempt: &Attempt) -> bool {
    attempt.applied && attempt.purpose == Purpose::TopUp
}

/// How much of it the gateway brought, and how much the balance paid.
fn parts(attempt: &Attempt, amount: Money) -> Result<(Money, Money), RefundError> {
    let received = attempt.received().filter(|received| received.currency == amount.currency);
    let left = received.map_or(0, |received| received.minor - attempt.refund_reserved_minor);
    let of_payment = Money::new(amount.minor.min(left), amount.currency);
    let of_balance = amount.sub(of_payment).map_err(|_| RefundError::TooMuch)?;
    let covered = of_balance.is_zero() || of_balance.currency == attempt.currency;
    match covered && of_balance.minor <= attempt.balance_left().minor {
        true => Ok((of_payment, of_balance)),
        false => Err(RefundError::TooMuch),
    }
}

async fn begin(
    conn: &mut PgConnection,
    attempt: &Attempt,
    refund: &Refund,
    now: OffsetDateTime,
) -> Result<RefundId, RefundError> {
    queries::refunds::insert_refund(conn, refund).await?;
    books::refund_begun(conn, attempt, refund, now).await?;
    let kind = match refund.status {
        RefundStatus::Manual => REFUND_FAILED,
        RefundStatus::Succeeded => REFUND_FINISHED,
        _ => JOB,
    };
    jobs::enqueue(conn, refund_job(kind, refund.id, refund.turn, now)).await?;
    Ok(refund.id)
}

/// There at once, and for certain.
fn to_balance(refund: Refund, source: Source) -> Refund {
    Refund {
        source,
        destination: Destination::Balance,
        status: RefundStatus::Succeeded,
        turn: 1,
        failure: None,
        succeeded_at: Some(refund.created_at),
        ..refund
    }
}

const DISPUTED: &str = "disputed";

fn new(attempt: &Attempt, amount: Money, wish: Wish<'_>, now: OffsetDateTime) -> Refund {
    let Wish { reason, why, .. } = wish;
    let held = reason.is_automatic() && attempt.disputed_at.is_some();
    Refund {
        id: RefundId::new(),
        attempt_id: attempt.id,
        account_id: attempt.account_id,
        amount_minor: amount.minor,
        currency: amount.currency,
        merchant_refund_no: new_refund_no(),
        reason,
        status: if held { RefundStatus::Manual } else { RefundStatus::Requested },
        provider_refund_id: None,
        reserved_minor: amount.minor,
        source: Source::Payment,
        destination: Destination::Gateway,
        turn: i32::from(held),
        failure: held.then(|| DISPUTED.to_owned()),
        by_hand: None,
        customer_note: None,
        why: why.map(str::to_owned),
        asked_at: now,
        created_at: now,
        succeeded_at: None,
    }
}
