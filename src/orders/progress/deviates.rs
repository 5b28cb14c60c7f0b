use super::trail;
use crate::clock::Clock;
use crate::ids::OrderId;
use crate::jobs::{Claimed, Done, JobError};
use crate::orders::queries;
use serde_json::json;
use sqlx::PgPool;

/// Job `line-deviates`: the carrier gave what was promised and shows fewer days now. A person asks it why.
pub async fn deviates(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let (id, until): (OrderId, String) = (job.field("order_id")?, job.field("until")?);
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let order = queries::lock(&mut tx, id).await?;
    let detail = json!({ "promised": order.promised_until.to_string(), "answered": until });
    queries::open_case(&mut tx, &order, "deviation", detail.clone(), now).await?;
    trail(&mut tx, &order, "line.deviates", detail, now).await?;
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}
