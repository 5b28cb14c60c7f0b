use super::model::{Bought, Order, OrderKind, OrderStatus, PAYMENT_WINDOW};
use super::queries::{self, renewable, renewable::Renewable};
use crate::clock::Clock;
use crate::ids::{self, AccountId, LineId, OrderId};
use crate::lines::{self, model::Line};
use crate::money::Money;
use crate::plans::effect::{self, EffectError, Preview};
use crate::plans::model::Plan;
use crate::units::Data;
use sqlx::{Connection, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// What the customer said on the review page.
pub struct Renew {
    pub account: AccountId,
    pub line: LineId,
    pub plan: String,
    /// Made with the review page: a double click and a reload carry the same one.
    pub attempt_key: Uuid,
    /// The price the page showed; another one is shown again before anything happens.
    pub seen_minor: Option<i64>,
    /// The last day the page promised; likewise.
    pub until: Option<Date>,
}

#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    #[error("no such line in this account")]
    NoSuchLine,
    #[error("the plan is not sold for this line")]
    PlanGone,
    #[error("the carrier takes no renewal in this state")]
    LineNotRenewable,
    #[error("the price is now {}", .now.amount())]
    PriceChanged { now: Money },
    #[error("the renewal would now last until {now}")]
    PromiseChanged { now: Date },
    /// The line's other order must be paid or cancelled first, or the carrier must say what became of it.
    #[error("another order is open")]
    OtherOrderOpen(OrderId),
    /// The time to pay for it is over, and no job has ended it yet: whoever has time closes its payment and tries again.
    #[error("an order that is over stands in the way")]
    Overdue(OrderId),
    #[error(transparent)]
    Effect(#[from] EffectError),
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl From<sqlx::Error> for RenewError {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(error.into())
    }
}

/// Places the order: the line locked, the plan priced, the promise written down. The same intention twice is the same order.
/// Never cancelled half-way: a handler that changes something is run to its end.
pub async fn renew(conn: &mut PgConnection, clock: &Clock, input: Renew) -> Result<OrderId, RenewError> {
    let now = clock.now();
    let mut tx = conn.begin().await?;
    let Some(Renewable { line, plan, in_doubt }) =
        renewable::lock(&mut tx, input.line, input.account, &input.plan).await?
    else {
        let held = lines::held_by(&mut *tx, input.line, input.account).await?;
        return Err(held.map_or(RenewError::NoSuchLine, |_| RenewError::PlanGone));
    };
    let order = promise(&line, &plan, now)?;
    if input.seen_minor.is_some_and(|seen| seen != plan.price.minor) {
        return Err(RenewError::PriceChanged { now: plan.price });
    }
    if let Some(other) = in_doubt {
        return Err(RenewError::OtherOrderOpen(other));
    }
    if input.until.is_some_and(|until| until != order.promised_until) {
        // A second click, after the first has renewed the line, still means the order that is there.
        let placed = queries::standing_in_the_way(&mut tx, &order, input.attempt_key).await?;
        let changed = RenewError::PromiseChanged { now: order.promised_until };
        return placed.map_or(Err(changed), |placed| same_intention(Some(placed), &order));
    }
    let placed = match queries::insert(&mut tx, &order, input.attempt_key).await? {
        Some(placed) => placed,
        None => same_intention(queries::standing_in_the_way(&mut tx, &order, input.attempt_key).await?, &order)?,
    };
    tx.commit().await?;
    Ok(placed)
}

/// A second click or tab means the order that is there; another plan does not.
fn same_intention(other: Option<Order>, wanted: &Order) -> Result<OrderId, RenewError> {
    let other = other.ok_or_else(|| anyhow::anyhow!("an order was refused that nothing stands in the way of"))?;
    if other.status == OrderStatus::AwaitingPayment && wanted.created_at >= other.expires_at {
        return Err(RenewError::Overdue(other.id));
    }
    match other.line_id == wanted.line_id && other.plan == wanted.plan {
        true => Ok(other.id),
        false => Err(RenewError::OtherOrderOpen(other.id)),
    }
}

/// What the renewal would do today, for the review page and the order alike.
pub fn preview(line: &Line, plan: &Plan, now: OffsetDateTime) -> Result<Preview, EffectError> {
    effect::preview(plan.effect, line.today(now), &line.term(), &plan.term_given())
}

/// What the ordered plan does to the line as it stands now. `None`: it can't be counted on it any more.
pub fn preview_ordered(line: &Line, order: &Order, now: OffsetDateTime) -> Option<Preview> {
    effect::preview(order.effect, line.today(now), &line.term(), &order.bought.term_given().ok()?).ok()
}

fn promise(line: &Line, plan: &Plan, now: OffsetDateTime) -> Result<Order, RenewError> {
    if !plan.fits(&line.carrier, &line.kind) {
        return Err(RenewError::PlanGone);
    }
    if !line.takes_renewals() {
        return Err(RenewError::LineNotRenewable);
    }
    let preview = preview(line, plan, now)?;
    Ok(Order {
        id: OrderId::new(),
        number: ids::order_number(),
        account_id: line.account_id,
        kind: OrderKind::Renewal,
        line_id: Some(line.id),
        plan: plan.code.clone(),
        amount_minor: plan.price.minor,
        currency: plan.price.currency,
        effect: plan.effect,
        bought: Bought::of(plan),
        iccid: line.iccid.clone(),
        msisdn: line.msisdn.clone(),
        status: OrderStatus::AwaitingPayment,
        time_zone: line.time_zone.clone(),
        before_from: line.valid_from,
        before_until: line.valid_until,
        promised_from: preview.effective_from,
        promised_until: preview.until,
        promised_anchor_day: preview.anchor_day.into(),
        lost_data_bytes: match preview.lost.data {
            Data::Bytes(bytes) => bytes,
            Data::Unlimited | Data::None => 0,
        },
        lost_days: i32::try_from(preview.lost.days).unwrap_or(i32::MAX),
        fulfilled_until: None,
        expires_at: now + PAYMENT_WINDOW,
        created_at: now,
        paid_at: None,
        fulfilled_at: None,
        closed_at: None,
    })
}
