use super::trail;
use crate::clock::Clock;
use crate::ids::AttemptId;
use crate::jobs::{Claimed, Done, JobError};
use crate::orders::queries;
use serde_json::json;
use sqlx::PgPool;

/// Job `payment-disputed`: the payer has asked their bank for the money. The bank decides, so nothing moves here; a person answers
/// the bank.
pub async fn disputed(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let (attempt, said): (AttemptId, String) = (job.field("attempt_id")?, job.field("detail")?);
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let order_id = queries::of_attempt(&mut *tx, attempt).await?;
    let order = queries::lock(&mut tx, order_id).await?;
    let detail = json!({ "attempt": attempt, "said": said });
    queries::note(&mut tx, &order, "disputed", detail.clone(), now).await?;
    queries::open_case(&mut tx, &order, "disputed", detail.clone(), now).await?;
    trail(&mut tx, &order, "payment.disputed", detail, now).await?;
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}
