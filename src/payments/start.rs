use super::gateway::{Created, Gateway, GatewayError, Payment, Presentation};
use super::model::{Attempt, AttemptEvent, AttemptStatus};
use super::{Gateways, close, queries};
use crate::clock::Clock;
use crate::ids::{AttemptId, OrderId};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// Why there is nothing to show the customer.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("no such payment")]
    NotFound,
    /// It is paid, closed or being closed: the order's page says what is so.
    #[error("the payment is {}", .0.as_str())]
    Over(AttemptStatus),
    /// Nothing happened; the customer may choose again.
    #[error("the gateway refused: {0}")]
    Rejected(String),
    /// It may exist at the gateway; asking again with the same attempt is safe.
    #[error("the gateway gave no clear answer: {0}")]
    Unknown(String),
    #[error("the gateway is asked too often")]
    Busy,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Makes the committed attempt ready at its gateway. Asked again, it gives the same answer.
pub async fn start(
    pool: &PgPool,
    clock: &Clock,
    gateways: &Gateways,
    attempt: AttemptId,
) -> Result<Presentation, StartError> {
    let attempt = queries::attempt(pool, attempt).await?.ok_or(StartError::NotFound)?;
    match (attempt.status, &attempt.presentation) {
        (AttemptStatus::Pending, Some(shown)) if is_fresh(gateways, &attempt, &shown.0, clock.now()) => {
            Ok(shown.0.clone())
        }
        (AttemptStatus::Pending, Some(_)) => renew(pool, clock, gateways, &attempt).await,
        (AttemptStatus::Creating | AttemptStatus::Unknown, _) => create(pool, clock, gateways, &attempt).await,
        (status, _) => Err(StartError::Over(status)),
    }
}

/// What leads to an order's open payment, made anew where it has aged. `None`: no payment is open.
pub async fn open_now(
    pool: &PgPool,
    clock: &Clock,
    gateways: &Gateways,
    order: OrderId,
) -> Result<Option<Presentation>, StartError> {
    match queries::open_attempt_of(pool, order).await? {
        Some(attempt) => start(pool, clock, gateways, attempt.id).await.map(Some),
        None => Ok(None),
    }
}

/// Links and codes of some gateways live shorter than the payment they lead to.
fn is_fresh(gateways: &Gateways, attempt: &Attempt, shown: &Presentation, now: OffsetDateTime) -> bool {
    let life = gateways.named(&attempt.gateway).and_then(|gateway| gateway.shown_for(shown));
    match (life, attempt.presented_at) {
        (Some(life), Some(at)) => now < at + life,
        (Some(_), None) => false,
        (None, _) => true,
    }
}

/// Created again under the same reference it is the same payment, whose state a failure here does not touch.
async fn renew(
    pool: &PgPool,
    clock: &Clock,
    gateways: &Gateways,
    attempt: &Attempt,
) -> Result<Presentation, StartError> {
    let gateway = gateways.named(&attempt.gateway).ok_or(StartError::NotFound)?;
    let created = ask(gateway.as_ref(), &Payment::of(attempt)).await.map_err(|error| match error {
        GatewayError::RateLimited => StartError::Busy,
        error => StartError::Unknown(error.to_string()),
    })?;
    let mut tx = crate::db::begin(pool).await?;
    let current = queries::lock_attempt(&mut tx, attempt.id).await?.ok_or(StartError::NotFound)?;
    if current.status != AttemptStatus::Pending {
        return Err(StartError::Over(current.status));
    }
    show(&mut tx, current.id, &created, clock.now()).await?;
    tx.commit().await?;
    Ok(created.presentation)
}

async fn show(conn: &mut PgConnection, id: AttemptId, made: &Created, now: OffsetDateTime) -> sqlx::Result<()> {
    queries::store_presentation(conn, id, made.provider_ref.as_deref(), &made.presentation, now).await
}

async fn create(
    pool: &PgPool,
    clock: &Clock,
    gateways: &Gateways,
    attempt: &Attempt,
) -> Result<Presentation, StartError> {
    let answer = match gateways.named(&attempt.gateway) {
        Some(gateway) => ask(gateway.as_ref(), &Payment::of(attempt)).await,
        None => Err(GatewayError::Misconfigured(format!("no gateway `{}`", attempt.gateway))),
    };
    match answer {
        Ok(created) => present(pool, clock, attempt, created).await,
        Err(GatewayError::RateLimited) => Err(StartError::Busy),
        Err(GatewayError::Unknown(why)) => {
            settle_for(pool, clock, attempt, AttemptEvent::Unclear, &why).await?;
            Err(StartError::Unknown(why))
        }
        Err(error) => {
            tracing::error!(attempt.id = %attempt.id, %error, "a payment could not be made ready");
            settle_for(pool, clock, attempt, AttemptEvent::Refused, &error.to_string()).await?;
            Err(StartError::Rejected(error.to_string()))
        }
    }
}

async fn ask(gateway: &dyn Gateway, payment: &Payment) -> Result<Created, GatewayError> {
    match gateway.accepts(payment.amount.currency) {
        true => gateway.create(payment).await,
        false => Err(GatewayError::Rejected(format!("no {}", payment.amount.currency.code()))),
    }
}

/// What happened meanwhile wins: a payment that was closed or paid is not shown any more.
async fn present(
    pool: &PgPool,
    clock: &Clock,
    attempt: &Attempt,
    created: Created,
) -> Result<Presentation, StartError> {
    let mut tx = crate::db::begin(pool).await?;
    let current = queries::lock_attempt(&mut tx, attempt.id).await?.ok_or(StartError::NotFound)?;
    match (current.status.after(AttemptEvent::Presented), current.presentation) {
        (Some(next), _) => {
            queries::move_attempt(&mut tx, current.id, current.status, next, None).await?;
            show(&mut tx, current.id, &created, clock.now()).await?;
            tx.commit().await?;
            Ok(created.presentation)
        }
        (None, Some(before)) if current.status == AttemptStatus::Pending => Ok(before.0),
        (None, _) => Err(StartError::Over(current.status)),
    }
}

async fn settle_for(
    pool: &PgPool,
    clock: &Clock,
    attempt: &Attempt,
    event: AttemptEvent,
    why: &str,
) -> Result<(), StartError> {
    let mut tx = crate::db::begin(pool).await?;
    let current = queries::lock_attempt(&mut tx, attempt.id).await?.ok_or(StartError::NotFound)?;
    close::record(&mut tx, &current, event, Some(why), clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
