use crate::ids::{AccountId, AttemptId, RefundId};
use crate::money::Currency;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

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
    pub customer_note: Option<String>,
    /// Why a person sent it back, for colleagues.
    pub why: Option<String>,
    pub asked_at: OffsetDateTime,
    pub created_at: OffsetDateTime,
    pub succeeded_at: Option<OffsetDateTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
