use super::apply;
use crate::ids::{AttemptId, RefundId};
use crate::jobs;
use crate::ledger::LedgerError;
use crate::money::Money;
use crate::payments::gateway::{RefundAnswer, RefundState};
use crate::payments::model::{
    Attempt, AttemptStatus, Destination, Refund, RefundReason, RefundStatus, Source, new_external_refund_no,
};
use crate::payments::{REFUND_EXTERNAL, REFUND_FINISHED, books, queries, refund_job};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Money that went back without our asking, by hand in the gateway's own pages. It takes from what is left, so that
/// nobody sends it a second time. `false`: no money of this attempt is known yet.
pub async fn made_elsewhere(
    conn: &mut PgConnection,
    attempt: AttemptId,
    provider_refund_id: &str,
    amount: Money,
    state: &RefundState,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let attempt = queries::lock_attempt(conn, attempt).await?.ok_or(sqlx::Error::RowNotFound)?;
    if attempt.status != AttemptStatus::Succeeded {
        return Ok(false);
    }
    if let Some(known) = queries::refunds::refund_known_as(conn, attempt.id, provider_refund_id).await? {
        let answer = RefundAnswer { provider_refund_id: None, state: state.clone() };
        apply(conn, known, &answer, now).await?;
        return Ok(true);
    }
    let status = match state {
        RefundState::Accepted => RefundStatus::Submitted,
        RefundState::Succeeded => RefundStatus::Succeeded,
        RefundState::Failed(_) => return Ok(true),
    };
    let reserved = queries::refunds::reserve_what_is_left(conn, attempt.id, amount).await?;
    let refund = new(&attempt, provider_refund_id, amount, status, reserved, now);
    queries::refunds::insert_refund(conn, &refund).await?;
    if let Err(error) = books::refund_begun(conn, &attempt, &refund, now).await {
        match error {
            LedgerError::NotCovered => books::refund_begun_beyond(conn, &attempt, &refund, now).await,
            error => Err(error),
        }
        .map_err(books::database)?;
    }
    tracing::error!(refund.id = %refund.id, attempt.id = %attempt.id, "a refund was made at the gateway by hand");
    jobs::enqueue(conn, refund_job(REFUND_EXTERNAL, refund.id, refund.turn, now)).await?;
    if status == RefundStatus::Succeeded {
        jobs::enqueue(conn, refund_job(REFUND_FINISHED, refund.id, refund.turn, now)).await?;
    }
    Ok(true)
}

fn new(
    attempt: &Attempt,
    provider_refund_id: &str,
    amount: Money,
    status: RefundStatus,
    reserved_minor: i64,
    now: OffsetDateTime,
) -> Refund {
    Refund {
        id: RefundId::new(),
        attempt_id: attempt.id,
        account_id: attempt.account_id,
        amount_minor: amount.minor,
        currency: amount.currency,
        merchant_refund_no: new_external_refund_no(),
        reason: RefundReason::External,
        status,
        provider_refund_id: Some(provider_refund_id.to_owned()),
        reserved_minor,
        source: Source::Payment,
        destination: Destination::Gateway,
        turn: 0,
        failure: None,
        by_hand: None,
        customer_note: None,
        why: None,
        asked_at: now,
        created_at: now,
        succeeded_at: (status == RefundStatus::Succeeded).then_some(now),
    }
}
