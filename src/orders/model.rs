use crate::calendar::Zone;
use crate::ids::{AccountId, LineId, OrderId};
use crate::lang::Lang;
use crate::money::{Currency, Money};
use crate::plans::effect::{Allowance, Effect, PlanTerm};
use crate::plans::model::Plan;
use crate::plans::term::{Term, TermError};
use crate::units::Data;
use time::{Date, Duration, OffsetDateTime};

/// How long an order waits for its money. Stripe's pages live at least half an hour, so no order lives shorter.
pub const PAYMENT_WINDOW: Duration = Duration::minutes(40);

/// How long activation usually takes, as promised on the status page; after it the page says "taking longer".
pub const USUAL_ACTIVATION: Duration = Duration::minutes(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum OrderStatus {
    AwaitingPayment,
    Paid,
    Fulfilled,
    Expired,
    Cancelled,
    Refunding,
    Refunded,
    NeedsAttention,
}

impl OrderStatus {
    pub const ALL: [Self; 8] = [
        Self::AwaitingPayment,
        Self::Paid,
        Self::Fulfilled,
        Self::Expired,
        Self::Cancelled,
        Self::Refunding,
        Self::Refunded,
        Self::NeedsAttention,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "awaiting_payment",
            Self::Paid => "paid",
            Self::Fulfilled => "fulfilled",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::NeedsAttention => "needs_attention",
        }
    }

    /// The edges of the order's life, all of them.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            // Money came: in time, or late and honoured. Who cancelled gets it back instead.
            (Self::AwaitingPayment | Self::Expired, Self::Paid) => true,
            (Self::AwaitingPayment, Self::Expired | Self::Cancelled) => true,
            // The carrier answered; the answer may come while a person looks.
            (Self::Paid | Self::NeedsAttention, Self::Fulfilled | Self::Refunding) => true,
            (Self::Refunding, Self::Refunded) => true,
            // A refund that failed and went through after all.
            (Self::NeedsAttention, Self::Refunded) => true,
            (Self::AwaitingPayment | Self::Paid | Self::Refunding | Self::Refunded, Self::NeedsAttention) => true,
            _ => false,
        }
    }
}

/// What is bought: a renewal of a line, or money to spend later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum OrderKind {
    Renewal,
    TopUp,
}

/// The plan as it was when it was ordered. What the catalogue says later changes no order.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Bought {
    pub plan_zh: String,
    pub plan_en: String,
    pub term_unit: String,
    pub term_count: i32,
    pub data_unlimited: bool,
    pub data_bytes: Option<i64>,
    pub minutes: i32,
    pub sms: i32,
}

impl Bought {
    pub fn of(plan: &Plan) -> Self {
        Self {
            plan_zh: plan.name_zh.clone(),
            plan_en: plan.name_en.clone(),
            term_unit: plan.term.unit().to_owned(),
            term_count: counted(Some(plan.term.count().into())),
            data_unlimited: plan.allowance.data.is_unlimited(),
            data_bytes: plan.allowance.data.bytes(),
            minutes: counted(plan.allowance.minutes),
            sms: counted(plan.allowance.sms),
        }
    }

    pub fn name(&self, language: Lang) -> &str {
        if language.is_chinese() { &self.plan_zh } else { &self.plan_en }
    }

    pub fn allowance(&self) -> Allowance {
        let data = match self.data_bytes {
            _ if self.data_unlimited => Data::Unlimited,
            Some(bytes) => Data::Bytes(bytes),
            None => Data::None,
        };
        Allowance { data, minutes: Some(self.minutes.into()), sms: Some(self.sms.into()) }
    }

    pub fn term_given(&self) -> Result<PlanTerm, TermError> {
        let term = Term::of(self.term_count, &self.term_unit)?;
        Ok(PlanTerm { term, allowance: self.allowance(), below_minimum: false })
    }
}

fn counted(units: Option<i64>) -> i32 {
    units.map_or(0, |units| i32::try_from(units).unwrap_or(i32::MAX))
}

/// An order as its row has it.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Order {
    pub id: OrderId,
    pub number: String,
    pub account_id: AccountId,
    pub kind: OrderKind,
    /// Of a renewal. The plan and its days are a renewal's too and say nothing in a top-up.
    pub line_id: Option<LineId>,
    pub plan: String,
    pub amount_minor: i64,
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    #[sqlx(try_from = "String")]
    pub effect: Effect,
    #[sqlx(flatten)]
    pub bought: Bought,
    pub iccid: String,
    pub msisdn: Option<String>,
    pub status: OrderStatus,
    pub time_zone: String,
    pub before_from: Date,
    pub before_until: Date,
    pub promised_from: Date,
    pub promised_until: Date,
    pub promised_anchor_day: i16,
    pub lost_data_bytes: i64,
    pub lost_days: i32,
    pub fulfilled_until: Option<Date>,
    pub expires_at: OffsetDateTime,
    pub created_at: OffsetDateTime,
    pub paid_at: Option<OffsetDateTime>,
    pub fulfilled_at: Option<OffsetDateTime>,
    pub closed_at: Option<OffsetDateTime>,
}

impl Order {
    /// Whose days its dates are.
    pub fn zone(&self) -> Zone {
        Zone::parse(&self.time_zone).unwrap_or_else(|_| Zone::utc())
    }

    pub fn is_top_up(&self) -> bool {
        self.kind == OrderKind::TopUp
    }

    pub fn amount(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::OrderStatus::{self, *};

    #[test]
    fn what_is_over_stays_over_but_for_money_that_comes_after_the_time_to_pay() {
        for next in OrderStatus::ALL {
            assert!(!Fulfilled.may_become(next), "{next:?}");
            assert_eq!(Expired.may_become(next), next == Paid);
            assert!(!Cancelled.may_become(next), "{next:?}");
        }
    }

    #[test]
    fn nothing_is_fulfilled_that_was_never_paid() {
        assert!(!AwaitingPayment.may_become(Fulfilled));
        assert!(!Expired.may_become(Fulfilled));
        assert!(!Refunding.may_become(Fulfilled));
    }
}
