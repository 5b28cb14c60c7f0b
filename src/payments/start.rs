use super::gateway::{Created, Gateway, GatewayError, Payment, Presentation};
use super::model::{Attempt, AttemptEvent, AttemptStatus};
use super::{Gateways, close, queries};
use crate::clock::Clock;
use crate::ids::AttemptId;
use sqlx::PgPool;

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
        (AttemptStatus::Pending, Some(presentation)) => Ok(presentation.0.clone()),
        (AttemptStatus::Creating | AttemptStatus::Unknown, _) => create(pool, clock, gateways, &attempt).await,
        (status, _) => Err(StartError::Over(status)),
    }
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
        Ok(created) => present(pool, attempt, created).await,
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
async fn present(pool: &PgPool, attempt: &Attempt, created: Created) -> Result<Presentation, StartError> {
    let mut tx = crate::db::begin(pool).await?;
    let current = queries::lock_attempt(&mut tx, attempt.id).await?.ok_or(StartError::NotFound)?;
    match (current.status.after(AttemptEvent::Presented), current.presentation) {
        (Some(next), _) => {
            queries::move_attempt(&mut tx, current.id, current.status, next, None).await?;
            queries::store_presentation(&mut tx, current.id, created.provider_ref.as_deref(), &created.presentation)
                .await?;
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
