//! What a carrier holds for an order before it is paid, where its protocol has that step. It is written down before the
//! carrier is asked, and let go when the order ends without money.

use std::time::Duration as StdDuration;

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::order;
use super::queries::reservations as queries;
use super::run::{come_back, nothing_left};
use crate::carriers::{CarrierError, Carriers, Refusal, Turn};
use crate::clock::Clock;
use crate::ids::OrderId;
use crate::jobs::{self, Claimed, Done, JobError, NewJob};

/// Lets go what a carrier holds for an order that ended unpaid. `{order_id}`
pub const RELEASE: &str = "release-reservation";

/// A customer waits for this answer with the page open.
const PATIENCE: StdDuration = StdDuration::from_secs(5);
/// After this no request is on its way any more that the carrier might still take.
const ARRIVED_WITHIN: Duration = Duration::minutes(2);
const ASK_AGAIN: Duration = Duration::minutes(1);
const MAX_ATTEMPTS: i32 = 1_000;

#[derive(Debug, thiserror::Error)]
pub enum ReserveError {
    #[error("the carrier won't hold it: {}", .0.code())]
    Refused(Refusal),
    #[error(transparent)]
    Carrier(#[from] CarrierError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Has the carrier hold the order's renewal; what it holds already stays held.
pub async fn reserve(pool: &PgPool, clock: &Clock, carriers: &Carriers, id: OrderId) -> Result<(), ReserveError> {
    let request = order::requested(&mut *pool.acquire().await?, id).await?;
    let connection = carriers.get(&request.line.carrier)?;
    let Some(reservations) = connection.carrier.reservations() else { return Ok(()) };
    let now = clock.now();
    if !queries::begin(pool, id, &request, now).await? {
        return Ok(());
    }
    let asking = connection.ask(now, reservations.reserve(&request));
    let asked = tokio::time::timeout(PATIENCE, asking).await;
    match asked.unwrap_or_else(|_| Err(CarrierError::unknown("no answer in time")))? {
        Ok(reference) => Ok(queries::hold(pool, id, &reference).await?),
        Err(refusal) => {
            queries::released(pool, id, clock.now()).await?;
            Err(ReserveError::Refused(refusal))
        }
    }
}

pub use queries::is_held;

/// The order has ended without money: what is held for it is let go.
pub async fn let_go(conn: &mut PgConnection, id: OrderId, now: OffsetDateTime) -> sqlx::Result<()> {
    if queries::of_order(&mut *conn, id).await?.is_none() {
        return Ok(());
    }
    let job = NewJob {
        kind: RELEASE,
        dedupe_key: id.to_string(),
        payload: json!({ "order_id": id }),
        run_at: now,
        max_attempts: MAX_ATTEMPTS,
    };
    jobs::enqueue(conn, job).await
}

/// Job `release-reservation`: asks the carrier until it is done.
pub async fn release(pool: &PgPool, clock: &Clock, carriers: &Carriers, job: &Claimed) -> Result<Done, JobError> {
    let (id, now) = (job.field("order_id")?, clock.now());
    let Some(held) = queries::of_order(pool, id).await? else { return nothing_left(pool, job).await };
    // Killed before its answer was written down: what is still under way must arrive before it can be looked for.
    let arrived = held.reserved_at + ARRIVED_WITHIN;
    if held.reference.is_none() && now < arrived {
        return come_back(pool, job, arrived).await;
    }
    let connection = carriers.get(&held.carrier).map_err(JobError::retry)?;
    let _turn = match connection.turn(now) {
        Turn::Now(turn) => turn,
        Turn::Resting(until) => return come_back(pool, job, until).await,
        Turn::Wait => return come_back(pool, job, now + Duration::SECOND).await,
    };
    if let Some(reservations) = connection.carrier.reservations() {
        let letting_go = reservations.release(&held.request_id, held.reference.as_deref());
        if let Err(error) = connection.ask(now, letting_go).await {
            tracing::warn!(order.id = %id, carrier = %held.carrier, %error, "a reservation is not let go yet");
            return come_back(pool, job, now + ASK_AGAIN).await;
        }
    }
    let mut tx = crate::db::begin(pool).await?;
    queries::released(&mut *tx, id, now).await?;
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}
