use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::queries::{self, Facts, reservations};
use super::run::PROVISION;
use crate::carriers::{LineRef, RenewalRequest};
use crate::ids::{AccountId, AttemptId, LineId, OrderId, ProvisioningId};
use crate::jobs::{self, NewJob};

/// Tries without any word from the database or the carrier's adapter, not tries with the carrier.
const MAX_ATTEMPTS: i32 = 100;

pub struct Place {
    pub order_id: OrderId,
    /// The attempt that settled the order.
    pub attempt_id: AttemptId,
    pub account_id: AccountId,
    pub now: OffsetDateTime,
}

/// Has the order's renewal done by its line's carrier. What is asked for is written down here, word
/// for word; an order that is placed already stays as it is.
pub async fn place(conn: &mut PgConnection, place: Place) -> sqlx::Result<ProvisioningId> {
    let request = requested(conn, place.order_id).await?;
    let reserved = reservations::take(&mut *conn, place.order_id).await?;
    let id = queries::insert(conn, ProvisioningId::new(), &place, &request, reserved).await?;
    let job = NewJob {
        kind: PROVISION,
        dedupe_key: id.to_string(),
        payload: json!({ "provisioning_id": id }),
        run_at: place.now,
        max_attempts: MAX_ATTEMPTS,
    };
    jobs::enqueue(conn, job).await?;
    Ok(id)
}

/// What the order asks of the carrier, whether it is paid yet or not.
pub(super) async fn requested(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<RenewalRequest> {
    let facts = queries::facts(conn, order).await?;
    request(order, facts)
}

/// Has the carrier asked at once what became of a renewal it speaks of: by its reference, else by its line. False where none
/// is under way.
pub async fn hurry(
    conn: &mut PgConnection,
    carrier: &str,
    reference: Option<&str>,
    line: Option<LineId>,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let open = queries::open(conn, carrier, reference, line).await?;
    for id in &open {
        jobs::hurry(conn, PROVISION, &id.to_string(), now).await?;
    }
    Ok(!open.is_empty())
}

fn request(order: OrderId, facts: Facts) -> sqlx::Result<RenewalRequest> {
    Ok(RenewalRequest {
        request_id: format!("order:{order}:renew"),
        effect: facts.effect,
        term: facts.term()?,
        allowance: facts.allowance(),
        sold_for: facts.sold_for(),
        line: LineRef {
            kind: facts.kind(),
            carrier_line_id: facts.carrier_line_id.clone(),
            anchor_day: facts.anchor_day()?,
            carrier: facts.carrier,
            iccid: facts.iccid,
            msisdn: facts.msisdn,
            valid_from: facts.valid_from,
            valid_until: facts.valid_until,
            time_zone: facts.time_zone,
        },
        product: facts.carrier_product,
        promised_until: facts.promised_until,
    })
}
