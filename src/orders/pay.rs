use super::check::{Checked, check};
use super::model::{Order, OrderStatus};
use super::queries;
use crate::carriers::Carriers;
use crate::clock::Clock;
use crate::ids::{AccountId, AttemptId, OrderId};
use crate::lang::Lang;
use crate::lines;
use crate::paths::{self, BaseUrl};
use crate::payments::gateway::Payer;
use crate::payments::{self, Gateway, Gateways, OpenPayment, Presentation, StartError};
use crate::plans;
use sqlx::PgPool;

/// Everything paying needs; none of it is held while another waits.
pub struct Till<'a> {
    pub pool: &'a PgPool,
    pub clock: &'a Clock,
    pub carriers: &'a Carriers,
    pub gateways: &'a Gateways,
    pub base_url: &'a BaseUrl,
}

#[derive(Debug, thiserror::Error)]
pub enum PayError {
    #[error("no such order in this account")]
    NoSuchOrder,
    /// Nothing is to be paid: it is paid, expired or cancelled. The status page says which.
    #[error("the order does not wait for money")]
    NothingToPay,
    #[error("the method is not offered for this currency")]
    NoSuchMethod,
    #[error("the carrier takes no renewal of this line now")]
    NotEligible,
    #[error("the carrier can't be asked")]
    CarrierUnavailable,
    #[error("the gateway can't be reached")]
    GatewayUnavailable,
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl From<sqlx::Error> for PayError {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(error.into())
    }
}

/// What the customer wants, and from where.
pub struct Wish<'a> {
    pub method: &'a str,
    pub language: Lang,
    pub payer: Payer,
}

/// Takes the customer to where they pay: the carrier is asked once more first, so that no money is taken for what can't
/// be delivered; the attempt is committed before its gateway hears of it.
pub async fn pay(till: &Till<'_>, account: AccountId, id: OrderId, wish: Wish<'_>) -> Result<Presentation, PayError> {
    let order = queries::of_account(till.pool, id, account).await?.ok_or(PayError::NoSuchOrder)?;
    if order.status != OrderStatus::AwaitingPayment {
        return Err(PayError::NothingToPay);
    }
    let gateway = till
        .gateways
        .for_method(wish.method)
        .filter(|gateway| gateway.accepts(order.currency))
        .ok_or(PayError::NoSuchMethod)?;
    still_deliverable(till, &order).await?;
    let attempt = open_or_resume(till, &order, gateway.as_ref(), wish).await?;
    match payments::start(till.pool, till.clock, till.gateways, attempt).await {
        Ok(presentation) => Ok(presentation),
        Err(StartError::Over(_) | StartError::NotFound) => Err(PayError::NothingToPay),
        Err(StartError::Database(error)) => Err(error.into()),
        Err(error) => {
            tracing::warn!(order.number = %order.number, %error, "a payment could not be started");
            Err(PayError::GatewayUnavailable)
        }
    }
}

/// The carrier's fresh word on this line and plan. The order keeps the price that was agreed to while it is open.
async fn still_deliverable(till: &Till<'_>, order: &Order) -> Result<(), PayError> {
    let line = lines::held_by(till.pool, order.line_id, order.account_id).await?.ok_or(PayError::NotEligible)?;
    let plan =
        plans::by_code(till.pool, &order.plan).await?.filter(|plan| !plan.withdrawn).ok_or(PayError::NotEligible)?;
    match check(till.carriers, &line, &plan).await {
        Checked::Renewable => Ok(()),
        Checked::OtherPrice(_) | Checked::Refused(_) => Err(PayError::NotEligible),
        Checked::Unreachable => Err(PayError::CarrierUnavailable),
    }
}

/// One open attempt per order: coming back to the page leads to the payment that is there.
async fn open_or_resume(
    till: &Till<'_>,
    order: &Order,
    gateway: &dyn Gateway,
    wish: Wish<'_>,
) -> Result<AttemptId, PayError> {
    let mut tx = crate::db::begin(till.pool).await?;
    let order = queries::lock(&mut tx, order.id).await?;
    if order.status != OrderStatus::AwaitingPayment {
        return Err(PayError::NothingToPay);
    }
    if let Some(open) = payments::open_attempt(&mut tx, order.id).await? {
        return Ok(open);
    }
    let payment = OpenPayment {
        order: order.id,
        account: order.account_id,
        order_number: order.number.clone(),
        amount: order.amount(),
        method: wish.method.to_owned(),
        gateway: gateway.name(),
        language: wish.language.code(),
        return_url: till.base_url.to(&paths::paid(order.id)),
        payer: wish.payer,
        expires_at: order.expires_at.max(till.clock.now() + gateway.shortest_life()),
    };
    let attempt = payments::open(&mut tx, payment, till.clock.now()).await?;
    tx.commit().await?;
    Ok(attempt)
}
