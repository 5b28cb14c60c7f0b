use super::gateway::{MoneyIn, News, Verified};
use super::model::{Attempt, AttemptEvent};
use super::{SETTLED, attempt_job, books, close, queries};
use crate::ids::AttemptId;
use crate::jobs;
use serde_json::json;
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

    /// Stated by the gateway when we asked, or in its statement.
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
    /// Another attempt has this very transaction: this one brought nothing of its own, and a person must look.
    Reused,
}

/// Records the fact and nothing else: amount, currency and lateness are judged above, under the order's lock.
pub async fn settle(conn: &mut PgConnection, fact: &Fact, now: OffsetDateTime) -> sqlx::Result<Applied> {
    let attempt = queries::lock_attempt(conn, fact.attempt).await?.ok_or(sqlx::Error::RowNotFound)?;
    if attempt.status.after(AttemptEvent::Paid).is_none() {
        if attempt.provider_txn_id.as_deref() == Some(fact.money.transaction.as_str()) {
            return Ok(Applied::Before);
        }
        second(conn, &attempt, fact, now).await?;
        return Ok(Applied::Second);
    }
    if let Some(other) = queries::attempt_paid_by(&mut *conn, &attempt.gateway, &fact.money.transaction).await? {
        reused(conn, &attempt, other, fact, now).await?;
        return Ok(Applied::Reused);
    }
    queries::record_money(conn, attempt.id, &fact.money).await?;
    books::received(conn, &attempt, fact.money.received, now).await?;
    jobs::enqueue(conn, attempt_job(SETTLED, attempt.id, now)).await?;
    metrics::counter!("payments_settled_total", "gateway" => attempt.gateway).increment(1);
    Ok(Applied::Now)
}

async fn second(conn: &mut PgConnection, attempt: &Attempt, fact: &Fact, now: OffsetDateTime) -> sqlx::Result<()> {
    tracing::error!(attempt.id = %attempt.id, "a second transaction came for one payment");
    metrics::counter!("payment_second_transactions_total").increment(1);
    let detail =
        json!({ "attempt_id": attempt.id, "first": attempt.provider_txn_id, "second": fact.money.transaction });
    queries::open_case(conn, attempt, "second_transaction", detail, now).await
}

/// The same money can't pay twice, so this attempt ends without any.
async fn reused(
    conn: &mut PgConnection,
    attempt: &Attempt,
    other: AttemptId,
    fact: &Fact,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    tracing::error!(attempt.id = %attempt.id, other.id = %other, "one transaction was stated for two payments");
    metrics::counter!("payment_reused_transactions_total").increment(1);
    let detail = json!({ "attempt_id": attempt.id, "paid_by": other, "transaction": fact.money.transaction });
    queries::open_case(conn, attempt, "transaction_reused", detail, now).await?;
    close::record(conn, attempt, AttemptEvent::Declined, Some("another payment's transaction"), now).await?;
    Ok(())
}
