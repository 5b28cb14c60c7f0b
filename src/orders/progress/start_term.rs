use crate::calendar;
use crate::clock::Clock;
use crate::ids::OrderId;
use crate::jobs::{self, Claimed, Done, JobError, NewJob};
use crate::lines::{self, model::Line};
use crate::orders::model::Order;
use crate::orders::queries;
use crate::plans::effect::Effect;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// The job that gives a queued plan its turn: `{order_id}`.
pub const START_TERM: &str = "start-term";

/// A queued plan starts when the current term has ended, in the line's own zone.
pub(super) async fn schedule(
    conn: &mut PgConnection,
    order: &Order,
    line: &Line,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let starts = calendar::start_of_day(order.promised_from, &line.zone());
    if order.effect != Effect::Queue || starts <= now {
        return Ok(());
    }
    let job = NewJob {
        kind: START_TERM,
        dedupe_key: order.id.to_string(),
        payload: json!({ "order_id": order.id }),
        run_at: starts,
        max_attempts: 20,
    };
    jobs::enqueue(conn, job).await
}

/// Job `start-term`: from today the line has the queued plan's allowance; its validity was moved when the carrier took it.
pub async fn start_term(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let id: OrderId = job.field("order_id")?;
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let order = queries::lock(&mut tx, id).await?;
    let line = match order.line_id {
        Some(line) => lines::lock(&mut tx, line).await?,
        None => None,
    };
    // A later renewal that began at once has taken the queued plan's place.
    let replaced = queries::was_replaced(&mut tx, &order).await?;
    if let (Some(line), false) = (line, replaced) {
        lines::start_plan(&mut tx, line.id, &order.plan, order.bought.allowance(), now).await?;
        queries::note(&mut tx, &order, "term_started", json!({}), now).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}
