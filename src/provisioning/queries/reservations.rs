use sqlx::PgExecutor;
use time::OffsetDateTime;

use crate::carriers::RenewalRequest;
use crate::ids::OrderId;

#[derive(sqlx::FromRow)]
pub struct Reservation {
    pub carrier: String,
    pub request_id: String,
    /// The carrier's own; `None` while its answer is not written down.
    pub reference: Option<String>,
    pub reserved_at: OffsetDateTime,
}

/// Written down before the carrier is asked. False where it holds it already, or the order waits for no money any more:
/// whoever ends an order has it locked, and finds what was written down before.
pub async fn begin(
    db: impl PgExecutor<'_>,
    order: OrderId,
    request: &RenewalRequest,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let begun = sqlx::query(
        "insert into carrier_reservations as held (order_id, carrier, request_id, reserved_at)
         select id, $2, $3, $4 from orders where id = $1 and status = 'awaiting_payment' for share
         on conflict (order_id) do update set reserved_at = excluded.reserved_at, reference = null, released_at = null
           where not held.taken and (held.reference is null or held.released_at is not null)",
    )
    .bind(order)
    .bind(&request.line.carrier)
    .bind(&request.request_id)
    .bind(now)
    .execute(db)
    .await?;
    Ok(begun.rows_affected() == 1)
}

pub async fn hold(db: impl PgExecutor<'_>, order: OrderId, reference: &str) -> sqlx::Result<()> {
    sqlx::query("update carrier_reservations set reference = $2 where order_id = $1 and not taken")
        .bind(order)
        .bind(reference)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn is_held(db: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from carrier_reservations
           where order_id = $1 and reference is not null and released_at is null and not taken)",
    )
    .bind(order)
    .fetch_one(db)
    .await
}

/// What may still be held and was not paid for.
pub async fn of_order(db: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Option<Reservation>> {
    sqlx::query_as(
        "select carrier, request_id, reference, reserved_at from carrier_reservations
         where order_id = $1 and released_at is null and not taken",
    )
    .bind(order)
    .fetch_optional(db)
    .await
}

pub async fn released(db: impl PgExecutor<'_>, order: OrderId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update carrier_reservations set released_at = $2 where order_id = $1 and not taken")
        .bind(order)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// The order is paid: its renewal confirms what is held. The carrier's reference of it, if there is one.
pub async fn take(db: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Option<String>> {
    let reference: Option<Option<String>> = sqlx::query_scalar(
        "update carrier_reservations set taken = true where order_id = $1 and released_at is null returning reference",
    )
    .bind(order)
    .fetch_optional(db)
    .await?;
    Ok(reference.flatten())
}
