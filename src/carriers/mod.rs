//! Those who serve the lines, behind one trait; one folder per protocol. Nothing here is stored.
//! What a carrier answers is sorted by what it says about the line: done, refused, accepted for later,
//! *unknown* (it may have happened, so it is asked after) or *unavailable* (it surely did not happen).
//! What a protocol can't do is a fact or an absent part, never a method that fails.

pub mod airalo;
mod amounts;
mod answer;
mod bearer;
mod breaker;
pub mod dates;
pub mod dt_one;
pub mod es2plus;
pub mod esim_access;
pub mod esim_go;
mod exchange;
mod facts;
pub mod names;
mod notices;
pub mod one_global;
mod profiles;
mod registry;
mod request;
pub mod settings;
pub mod simulator;
pub mod tm_forum;

pub use answer::{Answer, CarrierError, Offer, Quote, Refusal, Usage};
pub use bearer::{Bearer, Credentials};
pub use breaker::Breaker;
pub use exchange::{Exchange, Reply};
pub use facts::{Facts, Idempotency, LineState, RefundRule, Search, UsageLimits};
pub use notices::{Delivery, Notice, NoticeError, NoticeKind, Notices};
pub use profiles::{
    CancelOrder, ConfirmOrder, Confirmed, DownloadOrder, ProfileRefusal, ProfileTerms, Profiles, Wanted,
};
pub use registry::{Carriers, Connection, Turn};
pub use request::{LineKind, LineRef, RenewalRequest, Submission};

use async_trait::async_trait;

use crate::money::Money;

#[async_trait]
pub trait Carrier: Send + Sync {
    fn facts(&self) -> &'static Facts;

    /// What the carrier sells for a line, or at all. For the catalogue; before money it is `quote` that counts.
    async fn offers(&self, line: Option<&LineRef>) -> Result<Vec<Offer>, CarrierError>;

    /// Whether the line can be renewed with the product, and at what price. Asked just before money
    /// is taken, so it is never answered from memory.
    async fn quote(&self, line: &LineRef, product: &str) -> Result<Quote, CarrierError>;

    /// What the operator has left with the carrier to pay renewals from; `None` where it is billed afterwards
    /// or the carrier doesn't say.
    async fn credit(&self) -> Result<Option<Money>, CarrierError>;

    /// What is on the line before anything is sent, where that is the only way to find out later whether a lost
    /// request came through. Kept with the request; `null` where the protocol has a better way.
    async fn baseline(&self, line: &LineRef) -> Result<serde_json::Value, CarrierError>;

    /// Asks for a renewal. Money may move here. The same request id asks for the same renewal.
    async fn submit(&self, submission: &Submission<'_>) -> Result<Answer, CarrierError>;

    /// What became of a request; `None` only where the carrier surely has not seen it, or does the same request once
    /// however often it is sent: it is sent again. An error of any kind says nothing about the request.
    async fn find(&self, submission: &Submission<'_>) -> Result<Option<Answer>, CarrierError>;

    /// How the line stands with the carrier.
    async fn usage(&self, line: &LineRef) -> Result<Usage, CarrierError>;

    /// Sets a renewal aside before money is taken, where the protocol has that step.
    fn reservations(&self) -> Option<&dyn Reservations>;

    /// Changes a line's state from afar, where the protocol can.
    fn control(&self) -> Option<&dyn LineControl>;

    /// What the carrier tells of its own accord, where it does.
    fn notices(&self) -> Option<&dyn Notices>;
}

/// The first of two steps: the carrier holds a renewal for us until it is confirmed by `submit` or let go.
#[async_trait]
pub trait Reservations: Send + Sync {
    /// The carrier's reference of what it holds, or why it won't. The same request id holds it once.
    async fn reserve(&self, request: &RenewalRequest) -> Result<Result<String, Refusal>, CarrierError>;

    /// Lets it go. A reservation that is gone already is let go.
    async fn release(&self, request_id: &str, reference: Option<&str>) -> Result<(), CarrierError>;
}

#[async_trait]
pub trait LineControl: Send + Sync {
    fn can(&self) -> &'static [Change];

    /// Asking twice for the same change changes nothing more. What it came to shows in `usage`.
    async fn change(&self, line: &LineRef, change: Change) -> Result<Result<(), Refusal>, CarrierError>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    Activate,
    Suspend,
    Resume,
}

impl Change {
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Activate, Self::Suspend, Self::Resume].into_iter().find(|change| change.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
        }
    }
}
