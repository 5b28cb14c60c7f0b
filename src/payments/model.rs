//! The states of an attempt and of a refund, and every step between them.

use crate::ids::{AccountId, AttemptId, OrderId, RefundId};
use crate::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

macro_rules! stored_as_text {
    ($name:ident { $($(#[$about:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sqlx::Type, Serialize, Deserialize)]
        #[sqlx(type_name = "text", rename_all = "snake_case")]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$about])* $variant),+ }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }
    };
}

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

stored_as_text!(RefundStatus {
    Requested = "requested",
    Submitted = "submitted",
    Unknown = "unknown",
    Succeeded = "succeeded",
    Failed = "failed",
    Manual = "manual",
});

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundEvent {
    /// The gateway took it and will report.
    Accepted,
    /// No answer, or none that can be trusted.
    Unclear,
    /// The money is on its way back.
    Succeeded,
    /// The gateway will not do it.
    Refused,
    /// The payer has asked their bank for the same money: only a person may send it.
    Held,
    /// A person has it sent again, under its number.
    Retried,
    /// A person gave the money back another way.
    DoneByHand,
}

impl RefundStatus {
    /// `None`: nothing changes. A gateway that says both that it went back and that it did not leaves it to a person,
    /// in whichever order it is heard.
    pub fn after(self, event: RefundEvent) -> Option<RefundStatus> {
        use RefundEvent as E;
        use RefundStatus::*;
        match (self, event) {
            (Requested | Submitted | Unknown | Failed | Manual, E::DoneByHand) => Some(Succeeded),
            (Failed | Manual, E::Retried) => Some(Requested),
            (Succeeded, E::Refused) | (Failed, E::Succeeded) => Some(Manual),
            (Requested | Submitted | Unknown, E::Succeeded) => Some(Succeeded),
            (Requested | Submitted | Unknown, E::Refused) => Some(Failed),
            (Requested | Unknown, E::Accepted) => Some(Submitted),
            (Requested | Submitted, E::Unclear) => Some(Unknown),
            (Requested, E::Held) => Some(Manual),
            _ => None,
        }
    }

    pub fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Submitted | Self::Unknown)
    }
}

stored_as_text!(RefundReason {
    Surplus = "surplus",
    Late = "late",
    AmountMismatch = "amount_mismatch",
    ProvisioningFailed = "provisioning_failed",
    Operator = "operator",
    External = "external",
});

impl RefundReason {
    /// At most one refund of an attempt happens by itself.
    pub fn is_automatic(self) -> bool {
        matches!(self, Self::Surplus | Self::Late | Self::AmountMismatch | Self::ProvisioningFailed)
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

// Which part of an attempt a refund gives back: what its gateway brought, or what the balance paid.
stored_as_text!(Source {
    Payment = "payment",
    Balance = "balance",
});

// Where a refund goes to.
stored_as_text!(Destination {
    Gateway = "gateway",
    Balance = "balance",
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
    pub presentation: Option<sqlx::types::Json<super::Presentation>>,
    pub presented_at: Option<OffsetDateTime>,
    pub status: AttemptStatus,
    pub failure: Option<String>,
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

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Refund {
    pub id: RefundId,
    pub attempt_id: AttemptId,
    pub account_id: AccountId,
    pub amount_minor: i64,
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    pub merchant_refund_no: String,
    pub reason: RefundReason,
    pub status: RefundStatus,
    pub provider_refund_id: Option<String>,
    /// How much of what came it takes; less than its amount only where it was made at the gateway.
    pub reserved_minor: i64,
    pub source: Source,
    pub destination: Destination,
    /// Counts its ends and its new tries, so that each is told once.
    pub turn: i32,
    pub failure: Option<String>,
    pub by_hand: Option<String>,
    pub asked_at: OffsetDateTime,
    pub created_at: OffsetDateTime,
    pub succeeded_at: Option<OffsetDateTime>,
}

const REFERENCE: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// `R…` names an attempt to its gateway. 26 characters of `[0-9A-Z]` fit every gateway's rules.
pub fn new_merchant_ref() -> String {
    reference('R')
}

/// `F…` names a refund to its gateway, the same at every try.
pub fn new_refund_no() -> String {
    reference('F')
}

/// Whether a refund's number was made here. Others were given by hand, in a gateway's own pages.
pub fn is_refund_no(text: &str) -> bool {
    text.len() == 26 && text.starts_with('F') && text.bytes().all(|byte| REFERENCE.contains(&byte))
}

/// `E…` names a refund that was made at the gateway, not by us.
pub fn new_external_refund_no() -> String {
    reference('E')
}

fn reference(first: char) -> String {
    let mut random = [0u8; 25];
    crate::ids::fill_random(&mut random);
    let rest = random.iter().map(|byte| char::from(REFERENCE[usize::from(*byte) % REFERENCE.len()]));
    std::iter::once(first).chain(rest).collect()
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

    #[test]
    fn only_a_person_ends_what_a_gateway_says_both_of() {
        use RefundEvent as E;
        for order in [[E::Succeeded, E::Refused], [E::Refused, E::Succeeded]] {
            let end = order.iter().fold(RefundStatus::Submitted, |state, event| state.after(*event).unwrap_or(state));
            assert_eq!(end, RefundStatus::Manual);
        }
        for heard in [E::Accepted, E::Unclear, E::Succeeded, E::Refused] {
            assert_eq!(RefundStatus::Manual.after(heard), None, "{heard:?}");
        }
        assert_eq!(RefundStatus::Manual.after(E::DoneByHand), Some(RefundStatus::Succeeded));
        assert_eq!(RefundStatus::Failed.after(E::Retried), Some(RefundStatus::Requested));
    }

    #[test]
    fn references_fit_the_strictest_gateway() {
        let (one, two) = (new_merchant_ref(), new_refund_no());
        for text in [&one, &two] {
            assert_eq!(text.len(), 26);
            assert!(text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()));
        }
        assert!(one.starts_with('R') && two.starts_with('F'));
        assert!(is_refund_no(&two) && !is_refund_no(&one) && !is_refund_no("F-BY-HAND"));
        assert_ne!(one, new_merchant_ref());
    }

    #[test]
    fn states_are_stored_under_their_own_names() {
        for state in AttemptStatus::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        for reason in RefundReason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
