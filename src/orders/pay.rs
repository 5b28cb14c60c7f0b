use super::check::{Checked, check};
use super::expire::CANCEL_ASKED;
use super::model::{Order, OrderStatus};
use super::{progress, queries};
use crate::carriers::{CarrierError, Carriers};
use crate::clock::Clock;
use crate::ids::{AccountId, AttemptId, OrderId};
use crate::lang::Lang;
use crate::lines;
use crate::money::Money;
use crate::paths::{self, BaseUrl};
use crate::payments::balance::BALANCE;
use crate::payments::gateway::Payer;
use crate::payments::{
    self, AttemptStatus, Gateway, Gateways, Open, OpenError, OpenPayment, Presentation, Purpose, StartError,
};
use crate::plans;
use crate::provisioning::{self, ReserveError};
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
    /// The time to pay has passed; the order is about to end.
    #[error("the order's time is over")]
    Expired,
    /// The customer wished to cancel, and the order ends as soon as its payment is closed.
    #[error("the order is being cancelled")]
    Ending,
    /// Another payment was begun and can't be closed for certain: one more could take the money twice.
    #[error("a payment with {method} is not closed for certain")]
    StillOpen { method: String },
    #[error("the method is not offered for this currency")]
    NoSuchMethod,
    #[error("the carrier takes no renewal of this line now")]
    NotEligible,
    /// The carrier must know who its customer is.
    #[error("identity details are missing")]
    IdentityNeeded,
    #[error("the operator can't have it renewed at this price")]
    Withheld,
    #[error("the carrier can't be asked")]
    CarrierUnavailable,
    #[error("the balance does not cover its part")]
    NotCovered,
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

impl From<OpenError> for PayError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NotCovered => Self::NotCovered,
            OpenError::Database(error) => Self::Internal(error.into()),
        }
    }
}

/// What the customer wants, and from where.
pub struct Wish<'a> {
    pub method: &'a str,
    /// So much of it from the balance, beside a gateway; the page showed this amount.
    pub balance_minor: i64,
    pub language: Lang,
    pub payer: Payer,
}

/// What follows from the wish.
pub enum Way {
    /// The customer pays elsewhere.
    To(Presentation),
    /// The balance has paid.
    Paid,
}

/// Takes the customer to where they pay: the carrier is asked once more first, so that no money is taken for what can't
/// be delivered; the attempt is committed before its gateway hears of it.
pub async fn pay(till: &Till<'_>, account: AccountId, id: OrderId, wish: Wish<'_>) -> Result<Way, PayError> {
    let order = queries::of_account(till.pool, id, account).await?.ok_or(PayError::NoSuchOrder)?;
    may_be_paid(till, &order).await?;
    if order.is_top_up() && (wish.method == BALANCE || wish.balance_minor != 0) {
        return Err(PayError::NoSuchMethod);
    }
    if wish.method == BALANCE {
        have_held(till, &order).await?;
        make_room(till, &order, &wish).await?;
        pay_by_balance(till, &order, wish).await?;
        return Ok(Way::Paid);
    }
    let gateway = till
        .gateways
        .for_method(wish.method)
        .filter(|gateway| gateway.accepts(order.currency))
        .ok_or(PayError::NoSuchMethod)?;
    have_held(till, &order).await?;
    make_room(till, &order, &wish).await?;
    let attempt = open_or_resume(till, &order, gateway.as_ref(), wish).await?;
    match payments::start(till.pool, till.clock, till.gateways, attempt).await {
        Ok(presentation) => Ok(Way::To(presentation)),
        Err(StartError::Over(_) | StartError::NotFound) => Err(PayError::NothingToPay),
        Err(StartError::Database(error)) => Err(error.into()),
        Err(error) => {
            tracing::warn!(order.number = %order.number, %error, "a payment could not be started");
            Err(PayError::GatewayUnavailable)
        }
    }
}

async fn may_be_paid(till: &Till<'_>, order: &Order) -> Result<(), PayError> {
    if order.status != OrderStatus::AwaitingPayment {
        return Err(PayError::NothingToPay);
    }
    if till.clock.now() >= order.expires_at {
        return Err(PayError::Expired);
    }
    match queries::has_event(till.pool, order.id, CANCEL_ASKED).await? {
        true => Err(PayError::Ending),
        false => Ok(()),
    }
}

/// Another way to pay was begun: it is closed before a new one is opened. Whoever can't be stopped any more may still bring
/// money, which then is one payment too many and goes back.
async fn make_room(till: &Till<'_>, order: &Order, wish: &Wish<'_>) -> Result<(), PayError> {
    let Some(open) = payments::open_attempt(till.pool, order.id).await?.filter(|open| !wish.is_served_by(open)) else {
        return Ok(());
    };
    match payments::close::close_now(till.pool, till.clock, till.gateways, open.id).await? {
        AttemptStatus::Succeeded => Err(PayError::NothingToPay),
        status if status.makes_room() => Ok(()),
        _ => Err(PayError::StillOpen { method: open.method }),
    }
}

impl Wish<'_> {
    /// Coming back to a payment that was begun leads to it; what was made for another device does not serve this one.
    fn is_served_by(&self, open: &Open) -> bool {
        open.method == self.method
            && open.balance.minor == self.balance_minor
            && open.device == self.payer.device
            && open.status != AttemptStatus::Closing
    }
}

/// What the carrier holds for the order it will deliver; before it holds it, it says whether it would.
async fn have_held(till: &Till<'_>, order: &Order) -> Result<(), PayError> {
    if order.is_top_up() || provisioning::is_held(till.pool, order.id).await? {
        return Ok(());
    }
    still_deliverable(till, order).await?;
    match provisioning::reserve(till.pool, till.clock, till.carriers, order.id).await {
        Ok(()) => Ok(()),
        Err(ReserveError::Refused(_)) => Err(PayError::NotEligible),
        Err(ReserveError::Carrier(CarrierError::NoCredit)) => Err(PayError::Withheld),
        Err(ReserveError::Carrier(error)) => {
            tracing::warn!(order.number = %order.number, %error, "a carrier could not be asked to hold a renewal");
            Err(PayError::CarrierUnavailable)
        }
        Err(ReserveError::Database(error)) => Err(error.into()),
    }
}

/// The carrier's fresh word on this line and plan. The order keeps the price that was agreed to while it is open.
async fn still_deliverable(till: &Till<'_>, order: &Order) -> Result<(), PayError> {
    let Some(line) = order.line_id else { return Ok(()) };
    let line = lines::held_by(till.pool, line, order.account_id).await?.ok_or(PayError::NotEligible)?;
    let plan =
        plans::by_code(till.pool, &order.plan).await?.filter(|plan| !plan.withdrawn).ok_or(PayError::NotEligible)?;
    match check(till.pool, till.carriers, &line, &plan, till.clock.now()).await? {
        Checked::Renewable => Ok(()),
        Checked::OtherPrice(_) | Checked::Refused(_) => Err(PayError::NotEligible),
        Checked::IdentityNeeded => Err(PayError::IdentityNeeded),
        Checked::Withheld => Err(PayError::Withheld),
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
    match payments::open_attempt(&mut *tx, order.id).await? {
        Some(open) if wish.is_served_by(&open) => return Ok(open.id),
        // Begun in another tab meanwhile.
        Some(open) => return Err(PayError::StillOpen { method: open.method }),
        None => {}
    }
    if !(0..order.amount_minor).contains(&wish.balance_minor) {
        return Err(PayError::NotCovered);
    }
    let expires_at = order.expires_at.max(till.clock.now() + gateway.shortest_life());
    let payment = OpenPayment { expires_at, ..payment(till, &order, gateway.name(), wish) };
    let attempt = payments::open(&mut tx, payment, till.clock.now()).await?;
    tx.commit().await?;
    Ok(attempt)
}

fn payment(till: &Till<'_>, order: &Order, gateway: &'static str, wish: Wish<'_>) -> OpenPayment {
    OpenPayment {
        order: order.id,
        account: order.account_id,
        order_number: order.number.clone(),
        purpose: if order.is_top_up() { Purpose::TopUp } else { Purpose::Renewal },
        amount: Money::new(order.amount_minor - wish.balance_minor, order.currency),
        balance: Money::new(wish.balance_minor, order.currency),
        method: wish.method.to_owned(),
        gateway,
        language: wish.language.code(),
        return_url: till.base_url.to(&paths::paid(order.id)),
        payer: wish.payer,
        expires_at: order.expires_at,
    }
}

/// Nobody is asked: the money is taken and the order paid in one transaction.
async fn pay_by_balance(till: &Till<'_>, order: &Order, wish: Wish<'_>) -> Result<(), PayError> {
    let now = till.clock.now();
    let mut tx = crate::db::begin(till.pool).await?;
    let order = queries::lock(&mut tx, order.id).await?;
    if order.status != OrderStatus::AwaitingPayment {
        return Err(PayError::NothingToPay);
    }
    if let Some(open) = payments::open_attempt(&mut *tx, order.id).await? {
        return Err(PayError::StillOpen { method: open.method });
    }
    let whole = Wish { balance_minor: order.amount_minor, ..wish };
    let attempt = payments::balance::pay(&mut tx, payment(till, &order, BALANCE, whole), now).await?;
    if !progress::paid_by_balance(&mut tx, &order, attempt, now).await? {
        return Err(PayError::NotEligible);
    }
    tx.commit().await?;
    Ok(())
}
