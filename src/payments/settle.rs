use super::gateway::{MoneyIn, News, Verified};
use super::model::AttemptEvent;
use super::{SETTLED, attempt_job, books, queries};
use crate::ids::AttemptId;
use crate::jobs;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Money that came for an attempt: stated by a verified notification, or by the gateway when we asked it.
#[derive(Debug, Clone)]
pub struct Fact {
    attempt: AttemptId,
    money: MoneyIn,
}

impl Fact {
    /// `None`: the notification does not speak of money that came.
    pub fn notified(attempt: AttemptId, verified: &Verified) -> Option<Self> {
        match &verified.notice().news {
            News::Paid(money) => Some(Self { attempt, money: money.clone() }),
            _ => None,
        }
    }

    pub(super) fn answered(attempt: AttemptId, money: MoneyIn) -> Self {
        Self { attempt, money }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    Now,
    /// This very transaction is recorded already.
    Before,
    /// Another transaction is recorded: nothing changed and a person must look.
    Second,
}

/// Records the fact and nothing else: amount, currency and lateness are judged above, under the order's lock.
pub async fn settle(conn: &mut PgConnection, fact: &Fact, now: OffsetDateTime) -> sqlx::Result<Applied> {
    let attempt = queries::lock_attempt(conn, fact.attempt).await?.ok_or(sqlx::Error::RowNotFound)?;
    if attempt.status.after(AttemptEvent::Paid).is_none() {
        if attempt.provider_txn_id.as_deref() == Some(fact.money.transaction.as_str()) {
            return Ok(Applied::Before);
        }
        tracing::error!(attempt.id = %attempt.id, "a second transaction came for one payment");
        metrics::counter!("payment_second_transactions_total").increment(1);
        queries::open_second_transaction_case(conn, &attempt, &fact.money.transaction, now).await?;
        return Ok(Applied::Second);
    }
    queries::record_money(conn, attempt.id, &fact.money).await?;
    books::received(conn, &attempt, fact.money.received, now).await?;
    jobs::enqueue(conn, attempt_job(SETTLED, attempt.id, now)).await?;
    metrics::counter!("payments_settled_total", "gateway" => attempt.gateway).increment(1);
    Ok(Applied::Now)
}
