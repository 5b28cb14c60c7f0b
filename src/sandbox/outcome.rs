use super::ledger::{self, Payment};
use super::protocol::Happened;
use super::{Sandbox, notify};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// How long money that comes late is on its way.
const LATE: Duration = Duration::seconds(20);
/// How long a rehearsed time-out lasts.
const SILENCE: Duration = Duration::seconds(15);
const OLDER: Duration = Duration::seconds(2);

/// What the payer, or who plays the payer, chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pay,
    Decline,
    /// The payer goes back with nothing; the money comes later, even if the payment was closed meanwhile.
    Late,
    /// Paid, and told twice.
    Twice,
    /// Paid, and told first that it is paid, then that it is in the making.
    Reorder,
    /// Paid, and never told.
    Never,
    /// Paid, but less than asked.
    WrongAmount,
    /// Paid, but questions are not answered for a while.
    Timeout,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Decline => "decline",
            Self::Late => "late",
            Self::Twice => "twice",
            Self::Reorder => "reorder",
            Self::Never => "never",
            Self::WrongAmount => "wrong_amount",
            Self::Timeout => "timeout",
        }
    }
}

impl Sandbox {
    /// The payer's choice counts once, and only while the payment waits for it. Returns where the payer goes back to.
    pub(super) async fn choose(&self, id: &str, outcome: Outcome) -> sqlx::Result<Option<String>> {
        let now = self.clock.now();
        let mut tx = crate::db::begin(&self.pool).await?;
        let Some(payment) = ledger::lock_by_id(&mut tx, id).await? else { return Ok(None) };
        let leaves = outcome == Outcome::Decline && !payment.protocol.ends_when_declined();
        if payment.awaits_payer(now) && !leaves {
            ledger::note_outcome(&mut tx, id, outcome.name()).await?;
            play(&mut tx, &payment, outcome, now).await?;
            tx.commit().await?;
        }
        Ok(Some(payment.return_url))
    }

    /// Lets everything happen that is due by now.
    pub(super) async fn ripen(&self) -> sqlx::Result<()> {
        let now = self.clock.now();
        let mut tx = crate::db::begin(&self.pool).await?;
        while let Some(payment) = ledger::next_arrival(&mut tx, now).await? {
            receive(&mut tx, &payment, payment.amount_minor, now, &[now]).await?;
        }
        while let Some(refund) = ledger::finish_refund(&mut tx, now).await? {
            notify::refund(&mut tx, &refund, now).await?;
        }
        ledger::close_expired(&mut tx, now).await?;
        tx.commit().await
    }
}

async fn play(conn: &mut PgConnection, payment: &Payment, outcome: Outcome, now: OffsetDateTime) -> sqlx::Result<()> {
    let all = payment.amount_minor;
    match outcome {
        Outcome::Pay => receive(conn, payment, all, now, &[now]).await,
        Outcome::Twice => receive(conn, payment, all, now, &[now, now]).await,
        Outcome::Never => receive(conn, payment, all, now, &[]).await,
        Outcome::WrongAmount => receive(conn, payment, all - (all / 10).max(1), now, &[now]).await,
        Outcome::Late => ledger::pay_at(conn, &payment.id, now + LATE).await,
        Outcome::Reorder => {
            receive(conn, payment, all, now, &[now]).await?;
            notify::tell(conn, payment, Happened::Processing, now - OLDER, &[now + OLDER]).await
        }
        Outcome::Timeout => {
            receive(conn, payment, all, now, &[now + LATE]).await?;
            ledger::be_silent(conn, &payment.id, now + SILENCE).await
        }
        Outcome::Decline => {
            ledger::set_status(conn, &payment.id, "failed").await?;
            notify::tell(conn, payment, Happened::Declined, now, &[now]).await
        }
    }
}

/// Books the money and has the merchant told at each of the given times, of one and the same event.
async fn receive(
    conn: &mut PgConnection,
    payment: &Payment,
    received: i64,
    now: OffsetDateTime,
    tell_at: &[OffsetDateTime],
) -> sqlx::Result<()> {
    let transaction = payment.protocol.transaction(payment);
    let paid = ledger::pay(conn, &payment.id, &transaction, received, now).await?;
    notify::tell(conn, &paid, Happened::Paid, now, tell_at).await
}
