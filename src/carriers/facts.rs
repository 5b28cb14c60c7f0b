//! What a protocol can and can't do, as data. The portal asks as `usage` allows and drafts plans by `effect`; the rest tells
//! whoever reads an adapter what its answers rest on.

use std::time::Duration;

use crate::plans::effect::Effect;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The protocol's name, as its provider writes it.
    pub protocol: &'static str,
    pub idempotency: Idempotency,
    pub search: Search,
    /// The carrier says beforehand whether a renewal would go through.
    pub dry_run: bool,
    /// The carrier holds a renewal until it is confirmed.
    pub two_step: bool,
    /// How many renewals a line may have at all.
    pub max_top_ups: Option<u16>,
    /// In which states the carrier takes a renewal.
    pub renewable: &'static [LineState],
    /// What a renewal does to what is left; `None` where it depends on the product.
    pub effect: Option<Effect>,
    pub refund: RefundRule,
    pub usage: UsageLimits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// The carrier does a request id once, however often it is sent.
    ByRequestId,
    /// Each request that arrives is a renewal of its own.
    None,
}

/// How the portal finds out what became of a request whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// By our request id.
    ByRequestId,
    /// Only by what is on the line now and was not before; what is not there after this long will not come.
    ByDifference { settled_after: Duration },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundRule {
    Never,
    /// What was not used, for so many days, as credit with the carrier.
    UnusedWithin {
        days: u16,
    },
    /// A person at the carrier decides.
    OnRequest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageLimits {
    /// How far behind the carrier's figures are.
    pub lag: Duration,
    /// The shortest time between two questions about one line.
    pub per_line: Duration,
    /// Questions a minute, over all lines.
    pub per_minute: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    /// Sold and not used yet.
    New,
    Active,
    /// Valid, and nothing left.
    Depleted,
    Suspended,
    Expired,
    /// Cancelled, revoked or terminated: it does not come back.
    Ended,
}

impl LineState {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "new" => Self::New,
            "active" => Self::Active,
            "depleted" => Self::Depleted,
            "suspended" => Self::Suspended,
            "expired" => Self::Expired,
            "ended" => Self::Ended,
            _ => return None,
        })
    }
}
