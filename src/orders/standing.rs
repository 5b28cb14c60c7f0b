//! What the customer is told of an order: a few words, from what money and carrier are known to have done.

use super::model::{OrderStatus, USUAL_ACTIVATION};
use crate::payments::{AttemptStatus, RefundReason, RefundStatus};
use crate::provisioning::State;
use time::{Duration, OffsetDateTime};

/// The internal states the words are made from; what a finished order says nothing of need not be read.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Facts {
    pub status: OrderStatus,
    /// When the time to pay is over.
    pub expires_at: OffsetDateTime,
    /// The newest attempt's state.
    #[sqlx(default)]
    pub attempt_status: Option<AttemptStatus>,
    /// When its gateway said last that nothing is paid; none where it then gave another answer, or no answer.
    #[sqlx(default)]
    pub unpaid_at: Option<OffsetDateTime>,
    /// The customer wished to cancel; the payment that was begun is closed first.
    #[sqlx(default)]
    pub cancel_asked: bool,
    /// Money came for an attempt and it was not yet decided what it buys.
    #[sqlx(default)]
    pub money_undecided: bool,
    #[sqlx(default)]
    pub provisioning_status: Option<State>,
    /// Money given back: all of it, or some still on its way.
    #[sqlx(default)]
    pub refund_status: Option<RefundStatus>,
    /// Why that money goes back.
    #[sqlx(default)]
    pub refund_reason: Option<RefundReason>,
    /// The carrier gave another last day than was promised.
    pub differs: bool,
    pub paid_at: Option<OffsetDateTime>,
}

impl Facts {
    /// The only money that came was another amount than asked for. `None`: no such thing, or a person must act on it.
    fn wrong_amount(&self) -> Option<Standing> {
        let other = self.paid_at.is_none() && self.refund_reason == Some(RefundReason::AmountMismatch);
        match self.refund_status.filter(|_| other)? {
            RefundStatus::Succeeded => Some(Standing::WrongAmountReturned),
            RefundStatus::Failed | RefundStatus::Manual => None,
            _ => Some(Standing::WrongAmountReturning),
        }
    }

    /// A payment was begun and its gateway has not said how it ended.
    pub fn awaits_gateway(&self) -> bool {
        self.attempt_status.is_some_and(|status| status.is_open() || status == AttemptStatus::Abandoned)
    }

    /// The customer may still pay.
    pub fn takes_payment(&self, now: OffsetDateTime) -> bool {
        use Standing::*;
        let in_time = self.status == OrderStatus::AwaitingPayment && now < self.expires_at;
        in_time && !self.money_undecided && matches!(Standing::of(self, now), Awaiting | Declined | Unpaid | Checking)
    }

    /// Money is on its way back, and that still changes by itself.
    pub fn is_refunding(&self) -> bool {
        self.refund_status.is_some_and(RefundStatus::is_open)
    }
}

/// Where an order stands, in the order in which a good one passes through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Awaiting,
    /// The last try did not go through; another may.
    Declined,
    /// A payment was begun, and its gateway says that nothing is paid.
    Unpaid,
    Checking,
    /// Cancelled, and ends as soon as its payment is closed.
    Ending,
    Activating,
    Delayed,
    Active,
    Refunding,
    Refunded,
    Attention,
    /// Another amount came than was due, and goes back.
    WrongAmountReturning,
    WrongAmountReturned,
    Expired,
    Cancelled,
}

impl Standing {
    pub fn of(facts: &Facts, now: OffsetDateTime) -> Self {
        match facts.status {
            OrderStatus::AwaitingPayment if facts.cancel_asked => Self::Ending,
            OrderStatus::AwaitingPayment if facts.money_undecided => Self::Checking,
            OrderStatus::AwaitingPayment => Self::unpaid(facts, now),
            OrderStatus::Paid => {
                let waited = facts.paid_at.map_or(Duration::ZERO, |paid| now - paid);
                let unclear = facts.provisioning_status == Some(State::Unknown) && waited > Duration::seconds(20);
                if unclear || waited > USUAL_ACTIVATION { Self::Delayed } else { Self::Activating }
            }
            OrderStatus::Fulfilled => Self::Active,
            OrderStatus::Refunding => Self::Refunding,
            OrderStatus::Refunded => Self::Refunded,
            OrderStatus::NeedsAttention => facts.wrong_amount().unwrap_or(Self::Attention),
            OrderStatus::Expired => Self::Expired,
            OrderStatus::Cancelled => Self::Cancelled,
        }
    }

    /// Of an order that waits for money. Its time is over by the clock, not when a job has seen to it.
    fn unpaid(facts: &Facts, now: OffsetDateTime) -> Self {
        use AttemptStatus::*;
        match facts.attempt_status {
            Some(Succeeded) => Self::Checking,
            _ if now >= facts.expires_at => Self::Expired,
            Some(Failed) => Self::Declined,
            Some(Closed) => Self::Unpaid,
            Some(Creating | Pending | Unknown) if facts.unpaid_at.is_some() => Self::Unpaid,
            Some(Creating | Pending | Unknown | Closing) => Self::Checking,
            Some(Abandoned) | None => Self::Awaiting,
        }
    }

    /// The part of the texts' keys: `status-KEY-title`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Awaiting => "awaiting",
            Self::Declined => "declined",
            Self::Unpaid => "unpaid",
            Self::Checking => "checking",
            Self::Ending => "ending",
            Self::Activating => "activating",
            Self::Delayed => "delayed",
            Self::Active => "active",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::Attention => "attention",
            Self::WrongAmountReturning => "wrong-amount-returning",
            Self::WrongAmountReturned => "wrong-amount-returned",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// The word of a list: `order-state-WORD`.
    pub fn word(self, differs: bool) -> &'static str {
        match self {
            Self::Declined | Self::Unpaid => "awaiting",
            Self::Active if differs => "differs",
            other => other.key(),
        }
    }

    /// What became of the money: `data-payment` of the status page.
    pub fn payment(self, refund_status: Option<RefundStatus>) -> &'static str {
        match (self, refund_status) {
            (Self::Awaiting | Self::Unpaid, _) => "none",
            (Self::Declined, _) => "failed",
            (Self::Checking | Self::Ending, _) => "pending",
            (Self::Activating | Self::Delayed | Self::Active, _) => "paid",
            (Self::Refunded | Self::WrongAmountReturned, _) | (_, Some(RefundStatus::Succeeded)) => "refunded",
            (Self::Refunding | Self::WrongAmountReturning, _) | (_, Some(_)) => "refunding",
            (Self::Attention, None) => "paid",
            (Self::Expired | Self::Cancelled, None) => "none",
        }
    }

    /// What became of the carrier's part: `data-provisioning` of the status page.
    pub fn provisioning(self) -> &'static str {
        match self {
            Self::Awaiting | Self::Declined | Self::Unpaid | Self::Checking => "waiting",
            Self::Ending | Self::Expired | Self::Cancelled => "waiting",
            Self::Activating => "activating",
            Self::Delayed => "delayed",
            Self::Active => "active",
            Self::Refunding | Self::Refunded => "refused",
            Self::Attention | Self::WrongAmountReturning | Self::WrongAmountReturned => "attention",
        }
    }

    /// The colour of its mark; the word always stands beside it.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Active => "is-good",
            Self::Awaiting | Self::Unpaid | Self::Checking | Self::Ending => "is-soon",
            Self::Activating | Self::Delayed => "is-soon",
            Self::Declined | Self::Attention | Self::Refunding | Self::WrongAmountReturning => "is-lapsed",
            Self::Refunded | Self::WrongAmountReturned | Self::Expired | Self::Cancelled => "",
        }
    }

    /// Something may still change by itself, so the page listens.
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Active | Self::Refunded | Self::WrongAmountReturned | Self::Expired | Self::Cancelled)
    }

    /// The customer waits for something that others do, so a page without scripts loads itself anew.
    pub fn is_waiting(self) -> bool {
        use Standing::*;
        matches!(self, Checking | Ending | Activating | Delayed | Refunding | WrongAmountReturning)
    }

    /// Nothing is paid, and nothing happens until the customer pays.
    pub fn awaits_customer(self) -> bool {
        matches!(self, Self::Awaiting | Self::Declined | Self::Unpaid)
    }

    /// The renewal may still come about or fail.
    pub fn is_open(self) -> bool {
        self.awaits_customer() || matches!(self, Self::Checking | Self::Activating | Self::Delayed)
    }

    /// Which of the steps choose, review, pay, active this is, 5 with all of them done; `None` off the good path.
    pub fn step(self) -> Option<usize> {
        match self {
            Self::Awaiting | Self::Declined | Self::Unpaid | Self::Checking => Some(3),
            Self::Activating | Self::Delayed => Some(4),
            Self::Active => Some(5),
            _ => None,
        }
    }
}
