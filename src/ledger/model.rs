use crate::ids::AccountId;
use crate::money::Money;

/// Where money can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place<'a> {
    /// The customer's to spend.
    Balance(AccountId),
    /// The customer's, kept for a payment that has begun.
    Held(AccountId),
    /// Taken by a gateway for us, or given back through it.
    Gateway(&'a str),
    /// Came, and nobody has decided yet what it buys.
    Undecided,
    Sales,
    /// On its way back.
    RefundsPayable,
    /// Could not go back by itself; a person does it.
    RefundsFailed,
    /// Went back without us; a person says for what.
    RefundsElsewhere,
}

impl Place<'_> {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Balance(_) => "customer_balance",
            Self::Held(_) => "customer_held",
            Self::Gateway(_) => "gateway_clearing",
            Self::Undecided => "undecided",
            Self::Sales => "sales",
            Self::RefundsPayable => "refunds_payable",
            Self::RefundsFailed => "refunds_failed",
            Self::RefundsElsewhere => "refunds_elsewhere",
        }
    }

    pub(super) fn customer(&self) -> Option<AccountId> {
        match self {
            Self::Balance(account) | Self::Held(account) => Some(*account),
            _ => None,
        }
    }

    pub(super) fn gateway(&self) -> Option<&str> {
        match self {
            Self::Gateway(name) => Some(name),
            _ => None,
        }
    }

    /// As the database generates it from the same parts.
    pub(super) fn name(&self, currency: &str) -> String {
        let whose = self.customer().map(|account| format!(":{account}")).unwrap_or_default();
        let gateway = self.gateway().map(|name| format!(":{name}")).unwrap_or_default();
        format!("{}{whose}{gateway}:{currency}", self.kind())
    }
}

/// What a transaction books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    PaymentReceived,
    PaymentApplied,
    BalanceHeld,
    BalanceReleased,
    RefundRequested,
    RefundSucceeded,
    RefundFailed,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::PaymentReceived => "payment_received",
            Self::PaymentApplied => "payment_applied",
            Self::BalanceHeld => "balance_held",
            Self::BalanceReleased => "balance_released",
            Self::RefundRequested => "refund_requested",
            Self::RefundSucceeded => "refund_succeeded",
            Self::RefundFailed => "refund_failed",
        }
    }
}

/// An amount that goes from one place to another; nothing moves where it is zero or both are the same.
#[derive(Clone, Copy, Debug)]
pub struct Move<'a> {
    pub from: Place<'a>,
    pub to: Place<'a>,
    pub money: Money,
}
