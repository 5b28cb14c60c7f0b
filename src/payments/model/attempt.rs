use crate::ids::{AccountId, AttemptId, OrderId};
use crate::money::{Currency, Money};
use crate::payments::Presentation;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

stored_as_text!(AttemptStatus {
    Creating = "creating",
    Pending = "pending",
    Unknown = "unknown",
    Closing = "closing",
    Abandoned = "abandoned",
    Succeeded = "succeeded",
    Closed = "closed",
    Failed = "failed",
});

/// What can happen to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptEvent {
    /// The gateway made it and said how to pay.
    Presented,
    /// The gateway's answer to its creation is not known.
    Unclear,
    /// The gateway refused to make it.
    Refused,
    /// The payer's means were declined.
    Declined,
    /// The customer switched or cancelled, or time ran out.
    CloseAsked,
    /// The gateway can't stop it, because it has not heard of it yet: it may still be paid until it expires.
    Unstoppable,
    /// The gateway will not take money for it any more.
    GatewayClosed,
    /// Money came.
    Paid,
}

impl AttemptStatus {
    /// `None`: nothing changes. Money is final and may come in any state; every other step is taken once.
    pub fn after(self, event: AttemptEvent) -> Option<AttemptStatus> {
        use AttemptEvent::*;
        use AttemptStatus::*;
        match (self, event) {
            (Succeeded, _) => None,
            (_, Paid) => Some(Succeeded),
            (Creating | Unknown, Presented) => Some(Pending),
            (Creating, Unclear) => Some(Unknown),
            // A refusal of a later call says nothing about what an earlier one made.
            (Creating, Refused) => Some(Failed),
            (Creating | Pending | Unknown | Closing | Abandoned, Declined) => Some(Failed),
            (Creating | Pending | Unknown, CloseAsked) => Some(Closing),
            (Closing, Unstoppable) => Some(Abandoned),
            (Creating | Pending | Unknown | Closing | Abandoned, GatewayClosed) => Some(Closed),
            _ => None,
        }
    }

    /// Nothing else may be started for the order: money may be on its way.
    pub fn is_open(self) -> bool {
        use AttemptStatus::*;
        matches!(self, Creating | Pending | Unknown | Closing)
    }

    /// It brought nothing and stands in nobody's way.
    pub fn makes_room(self) -> bool {
        matches!(self, Self::Abandoned | Self::Closed | Self::Failed)
    }
}

stored_as_text!(Purpose {
    Renewal = "renewal",
    TopUp = "top_up",
});

// Where the part of a payment is that the customer's balance makes.
stored_as_text!(BalanceState {
    /// There is no such part.
    None = "none",
    Held = "held",
    Released = "released",
    Captured = "captured",
});

stored_as_text!(Device {
    Desktop = "desktop",
    Phone = "phone",
});

impl Device {
    /// By what the browser says of itself; wrong only costs the payer comfort.
    pub fn of(user_agent: &str) -> Self {
        match ["Mobile", "Android", "iPhone"].iter().any(|word| user_agent.contains(word)) {
            true => Self::Phone,
            false => Self::Desktop,
        }
    }
}

/// One try to collect an order's amount, by a gateway, from the balance or from both. Amounts are minor units.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Attempt {
    pub id: AttemptId,
    pub order_id: OrderId,
    pub account_id: AccountId,
    pub purpose: Purpose,
    /// What the gateway is asked for.
    pub amount_minor: i64,
    pub balance_minor: i64,
    pub balance_state: BalanceState,
    pub balance_returned_minor: i64,
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    pub gateway: String,
    pub method: String,
    pub merchant_ref: String,
    pub provider_ref: Option<String>,
    pub provider_txn_id: Option<String>,
    pub order_number: String,
    pub language: String,
    pub return_url: String,
    pub payer_device: Device,
    pub payer_address: String,
    pub presentation: Option<sqlx::types::Json<Presentation>>,
    pub presented_at: Option<OffsetDateTime>,
    pub status: AttemptStatus,
    pub failure: Option<String>,
    /// When its gateway said last that nothing is paid.
    pub unpaid_at: Option<OffsetDateTime>,
    pub received_minor: Option<i64>,
    pub received_currency: Option<String>,
    pub applied: bool,
    pub refund_reserved_minor: i64,
    pub disputed_at: Option<OffsetDateTime>,
    pub expires_at: OffsetDateTime,
    pub query_count: i32,
    pub created_at: OffsetDateTime,
    pub succeeded_at: Option<OffsetDateTime>,
}

impl Attempt {
    pub fn amount(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }

    /// What the customer's balance pays beside it.
    pub fn balance_part(&self) -> Money {
        Money::new(self.balance_minor, self.currency)
    }

    /// What the balance has paid and did not get back.
    pub fn balance_left(&self) -> Money {
        let is_spent = self.balance_state == BalanceState::Captured;
        let left = if is_spent { self.balance_minor - self.balance_returned_minor } else { 0 };
        Money::new(left, self.currency)
    }

    /// What came, which need not be what was asked.
    pub fn received(&self) -> Option<Money> {
        let currency = Currency::parse(self.received_currency.as_deref()?).ok()?;
        Some(Money::new(self.received_minor?, currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [AttemptEvent; 8] = [
        AttemptEvent::Presented,
        AttemptEvent::Unclear,
        AttemptEvent::Refused,
        AttemptEvent::Declined,
        AttemptEvent::Unstoppable,
        AttemptEvent::CloseAsked,
        AttemptEvent::GatewayClosed,
        AttemptEvent::Paid,
    ];

    #[test]
    fn money_is_final_and_may_come_in_every_state() {
        for state in AttemptStatus::ALL {
            match state {
                AttemptStatus::Succeeded => assert!(EVENTS.iter().all(|event| state.after(*event).is_none())),
                _ => assert_eq!(state.after(AttemptEvent::Paid), Some(AttemptStatus::Succeeded)),
            }
        }
    }

    #[test]
    fn an_attempt_that_ended_without_money_only_changes_through_money() {
        for state in [AttemptStatus::Closed, AttemptStatus::Failed] {
            for event in EVENTS.into_iter().filter(|event| *event != AttemptEvent::Paid) {
                assert_eq!(state.after(event), None, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn a_close_that_was_asked_for_is_not_undone_by_a_late_answer_to_create() {
        assert_eq!(AttemptStatus::Closing.after(AttemptEvent::Presented), None);
    }

    #[test]
    fn a_refusal_ends_only_what_no_earlier_call_can_have_made() {
        for state in AttemptStatus::ALL {
            let ends = state.after(AttemptEvent::Refused);
            assert_eq!(ends, (*state == AttemptStatus::Creating).then_some(AttemptStatus::Failed), "{state:?}");
        }
    }

    #[test]
    fn what_cannot_be_stopped_makes_room_and_may_still_be_paid() {
        let abandoned = AttemptStatus::Closing.after(AttemptEvent::Unstoppable);
        assert_eq!(abandoned, Some(AttemptStatus::Abandoned));
        assert!(AttemptStatus::Abandoned.makes_room() && !AttemptStatus::Abandoned.is_open());
        assert_eq!(AttemptStatus::Abandoned.after(AttemptEvent::Paid), Some(AttemptStatus::Succeeded));
        assert_eq!(AttemptStatus::Pending.after(AttemptEvent::Unstoppable), None);
    }
}
