//! `POST /webhooks/{gateway}`: what a gateway tells us unasked. Verified, stored and applied in one transaction, then acknowledged.

use super::gateway::{Acknowledgement, Gateway, News, NotVerified, RawNotification, Receipt, Verified};
use super::model::AttemptEvent;
use super::queries::events::Event;
use super::{Applied, Fact, Gateways, close, dispute, queries, refund, settle};
use crate::clock::Clock;
use crate::ids::AttemptId;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// Bytes a notification may have.
pub const LARGEST: usize = 256 * 1024;

pub async fn receive(
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(gateways): State<Gateways>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(gateway) = gateways.named(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let notification = RawNotification { headers: &headers, body: &body };
    let receipt = match Gateways::verify(gateway.as_ref(), &notification, clock.now()) {
        Ok(verified) => take(&pool, gateway.as_ref(), &verified, &body, clock.now()).await,
        Err(why) => refused(gateway.name(), why),
    };
    metrics::counter!("payment_notifications_total", "gateway" => gateway.name(), "receipt" => word(receipt))
        .increment(1);
    reply(gateway.acknowledge(receipt))
}

fn refused(gateway: &'static str, why: NotVerified) -> Receipt {
    tracing::warn!(gateway, %why, "a notification was not verified");
    Receipt::Refused
}

async fn take(pool: &PgPool, gateway: &dyn Gateway, verified: &Verified, body: &[u8], now: OffsetDateTime) -> Receipt {
    store(pool, gateway.name(), verified, body, now).await.unwrap_or_else(|error| {
        tracing::error!(gateway = gateway.name(), %error, "a notification could not be stored");
        Receipt::Broken
    })
}

pub(super) async fn store(
    pool: &PgPool,
    gateway: &'static str,
    verified: &Verified,
    body: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<Receipt> {
    let mut tx = crate::db::begin(pool).await?;
    let (event, processed_at) = queries::events::store_event(&mut tx, gateway, verified.notice(), body, now).await?;
    let receipt = match processed_at {
        Some(_) => Receipt::Taken,
        None => process(&mut tx, gateway, event, verified, now).await?,
    };
    tx.commit().await?;
    Ok(receipt)
}

/// Applies a stored notification as it is read now. Facts that are recorded stay as they are, and so does what it came to the first
/// time, unless it now says something else.
pub(super) async fn apply_again(
    conn: &mut PgConnection,
    event: &Event,
    verified: &Verified,
    now: OffsetDateTime,
) -> sqlx::Result<Receipt> {
    let reads_differently = *verified.notice() != event.notice.0;
    if event.processed_at.is_none() {
        queries::events::write_reading(conn, event.id, verified.notice()).await?;
        return process(conn, &event.gateway, event.id, verified, now).await;
    }
    let outcome = apply(conn, &event.gateway, event.id, verified, now).await?;
    if matches!(outcome, Outcome::UnknownReference | Outcome::Unreadable) {
        return Ok(Receipt::NotKnown);
    }
    if reads_differently {
        queries::events::write_reading(conn, event.id, verified.notice()).await?;
        queries::events::finish_event(conn, event.id, outcome.word(), Some(now)).await?;
    }
    Ok(Receipt::Taken)
}

/// Applies a stored notification and notes what came of it.
async fn process(
    conn: &mut PgConnection,
    gateway: &str,
    event: i64,
    verified: &Verified,
    now: OffsetDateTime,
) -> sqlx::Result<Receipt> {
    let outcome = apply(conn, gateway, event, verified, now).await?;
    let (receipt, processed_at) = match outcome {
        Outcome::UnknownReference | Outcome::Unreadable => {
            tracing::error!(gateway, event, outcome = outcome.word(), "a genuine notification could not be applied");
            metrics::counter!("payment_notifications_unmatched_total", "gateway" => gateway.to_owned()).increment(1);
            (Receipt::NotKnown, None)
        }
        _ => (Receipt::Taken, Some(now)),
    };
    queries::events::finish_event(conn, event, outcome.word(), processed_at).await?;
    Ok(receipt)
}

#[derive(Clone, Copy)]
enum Outcome {
    Money(Applied),
    Attempt,
    Refund,
    RefundElsewhere,
    Disputed,
    Nothing,
    UnknownReference,
    Unreadable,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Money(Applied::Now) => "settled",
            Self::Money(Applied::Before) => "settled_before",
            Self::Money(Applied::Second) => "second_transaction",
            Self::Money(Applied::Reused) => "transaction_reused",
            Self::Attempt => "attempt_updated",
            Self::Refund => "refund_updated",
            Self::RefundElsewhere => "refund_elsewhere",
            Self::Disputed => "disputed",
            Self::Nothing => "nothing_to_do",
            Self::UnknownReference => "unknown_reference",
            Self::Unreadable => "unreadable",
        }
    }
}

async fn apply(
    conn: &mut PgConnection,
    gateway: &str,
    event: i64,
    verified: &Verified,
    now: OffsetDateTime,
) -> sqlx::Result<Outcome> {
    let notice = verified.notice();
    let attempt = match &notice.merchant_ref {
        Some(merchant_ref) => queries::attempt_named(&mut *conn, gateway, merchant_ref).await?,
        None => None,
    };
    match (&notice.news, attempt) {
        (News::Unreadable(_), _) => Ok(Outcome::Unreadable),
        (News::RefundElsewhere { transaction, provider_refund_id, amount, state }, named) => {
            let Some(id) = moved(conn, gateway, transaction, named).await? else {
                return Ok(Outcome::UnknownReference);
            };
            match refund::made_elsewhere(conn, id, provider_refund_id, *amount, state, now).await? {
                true => Ok(Outcome::RefundElsewhere),
                false => Ok(Outcome::UnknownReference),
            }
        }
        (News::Disputed { transaction, detail }, named) => match moved(conn, gateway, transaction, named).await? {
            Some(id) => dispute::disputed(conn, id, event, detail, now).await.map(|()| Outcome::Disputed),
            None => Ok(Outcome::UnknownReference),
        },
        (News::Nothing, _) if notice.merchant_ref.is_none() => Ok(Outcome::Nothing),
        (News::Refund { merchant_refund_no, answer }, _) => {
            match queries::refunds::refund_numbered(conn, gateway, merchant_refund_no).await? {
                Some(id) => refund::apply(conn, id, answer, now).await.map(|_| Outcome::Refund),
                None => Ok(Outcome::UnknownReference),
            }
        }
        (_, None) => Ok(Outcome::UnknownReference),
        (_, Some(attempt)) => apply_to_attempt(conn, attempt, verified, now).await,
    }
}

/// Whose money it was: by the transaction, which is the gateway's own word, else by our reference.
async fn moved(
    conn: &mut PgConnection,
    gateway: &str,
    transaction: &str,
    named: Option<AttemptId>,
) -> sqlx::Result<Option<AttemptId>> {
    Ok(queries::attempt_paid_by(conn, gateway, transaction).await?.or(named))
}

async fn apply_to_attempt(
    conn: &mut PgConnection,
    attempt: AttemptId,
    verified: &Verified,
    now: OffsetDateTime,
) -> sqlx::Result<Outcome> {
    if let Some(fact) = Fact::notified(attempt, verified) {
        return settle(conn, &fact, now).await.map(Outcome::Money);
    }
    let (event, why) = match &verified.notice().news {
        News::Declined(why) => (AttemptEvent::Declined, Some(why.as_str())),
        News::Closed => (AttemptEvent::GatewayClosed, None),
        _ => return Ok(Outcome::Nothing),
    };
    let attempt = queries::lock_attempt(conn, attempt).await?.ok_or(sqlx::Error::RowNotFound)?;
    close::record(conn, &attempt, event, why, now).await?;
    Ok(Outcome::Attempt)
}

fn word(receipt: Receipt) -> &'static str {
    match receipt {
        Receipt::Taken => "taken",
        Receipt::NotKnown => "not_known",
        Receipt::Refused => "refused",
        Receipt::Broken => "broken",
    }
}

fn reply(words: Acknowledgement) -> Response {
    (words.status, [(header::CONTENT_TYPE, words.content_type)], words.body).into_response()
}
