//! What a payment gateway must be able to do. Every flow is spelled out: a gateway that lacks one does not compile.

use super::model::{Attempt, Device, Refund};
use crate::http_client::Unanswered;
use crate::money::{Currency, Money};
use async_trait::async_trait;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime, UtcOffset};

#[async_trait]
pub trait Gateway: Send + Sync {
    /// How rows and the notification address name it: `/webhooks/{name}`.
    fn name(&self) -> &'static str;

    /// What a customer may choose that leads here.
    fn methods(&self) -> &'static [&'static str];

    /// `false` for a rehearsal: production refuses to start with it.
    fn moves_real_money(&self) -> bool;

    fn accepts(&self, currency: Currency) -> bool;

    /// The least time a payment must be given there; it may outlive its order by that much.
    fn shortest_life(&self) -> Duration;

    /// Asks for the payment to be made ready; no money moves. The same merchant reference gives the same payment.
    async fn create(&self, payment: &Payment) -> Result<Created, GatewayError>;

    /// Where payers are sent: a browser follows a form from our page only to origins that were named.
    fn payer_origins(&self) -> &'static [&'static str] {
        &[]
    }

    /// How long what `create` brought may be shown, where that is shorter than the payment's own life: it is then
    /// created again, which is the same payment.
    fn shown_for(&self, _: &Presentation) -> Option<Duration> {
        None
    }

    /// What became of it. Never moves money.
    async fn query(&self, payment: &Payment) -> Result<Standing, GatewayError>;

    /// Asks that no money be taken any more.
    async fn close(&self, payment: &Payment) -> Result<CloseAnswer, GatewayError>;

    /// Sends money back. The same refund number sends it once, however often it is asked.
    async fn refund(&self, refund: &RefundOrder) -> Result<RefundAnswer, GatewayError>;

    /// What became of a refund; `None`: the gateway never heard of that number.
    async fn query_refund(&self, refund: &RefundOrder) -> Result<Option<RefundAnswer>, GatewayError>;

    /// What it booked on a civil day of its own, to be held against our books.
    async fn statement(&self, day: Date) -> Result<Vec<StatementLine>, GatewayError>;

    /// Whose midnight its civil days begin at.
    fn statement_offset(&self) -> UtcOffset {
        UtcOffset::UTC
    }

    /// Notifications since then that it could not deliver, as it would have sent them. Most gateways keep no such list.
    async fn undelivered(&self, since: OffsetDateTime) -> Result<Vec<Vec<u8>>, GatewayError>;

    /// The time by its clock: signatures of one that runs apart are refused.
    async fn time(&self) -> Result<OffsetDateTime, GatewayError>;

    /// Whether the gateway wrote this. Pure: bytes, headers and the time are all it knows.
    fn verify(&self, notification: &RawNotification, now: OffsetDateTime) -> Result<(), NotVerified>;

    /// What it says. The signature is not looked at again: keys rotate, and what is stored is read long after.
    fn read(&self, body: &[u8]) -> Result<Notice, NotVerified>;

    /// The words this gateway wants to hear.
    fn acknowledge(&self, outcome: Receipt) -> Acknowledgement;
}

/// `Rejected` and `Unknown` are the difference that matters: after the one nothing happened, after the other it may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    #[error("rejected: {0}")]
    Rejected(String),
    /// A time-out, a server error, an answer that can't be read: ask, never repeat blindly.
    #[error("unknown: {0}")]
    Unknown(String),
    /// Nothing happened; later it may.
    #[error("asked too often")]
    RateLimited,
    /// Nothing happened and nothing will until the operator acts: wrong key, contract not active.
    #[error("misconfigured: {0}")]
    Misconfigured(String),
}

impl GatewayError {
    /// Rejected with one of these codes.
    pub fn is_rejected(&self, codes: &[&str]) -> bool {
        matches!(self, Self::Rejected(code) if codes.contains(&code.as_str()))
    }
}

impl From<Unanswered> for GatewayError {
    fn from(error: Unanswered) -> Self {
        Self::Unknown(error.what)
    }
}

/// An attempt as its gateway sees it.
#[derive(Debug, Clone)]
pub struct Payment {
    pub merchant_ref: String,
    /// The gateway's own name for it, once known.
    pub provider_ref: Option<String>,
    pub method: String,
    pub amount: Money,
    pub order_number: String,
    pub language: String,
    pub return_url: String,
    pub payer: Payer,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Some gateways have another page for phones, and some want to know where the payer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    pub device: Device,
    /// An IP address, or `unknown`.
    pub address: String,
}

impl Payment {
    pub fn of(attempt: &Attempt) -> Self {
        Self {
            merchant_ref: attempt.merchant_ref.clone(),
            provider_ref: attempt.provider_ref.clone(),
            method: attempt.method.clone(),
            amount: attempt.amount(),
            order_number: attempt.order_number.clone(),
            language: attempt.language.clone(),
            return_url: attempt.return_url.clone(),
            payer: Payer { device: attempt.payer_device, address: attempt.payer_address.clone() },
            created_at: attempt.created_at,
            expires_at: attempt.expires_at,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Created {
    pub provider_ref: Option<String>,
    pub presentation: Presentation,
}

/// How the customer gets to the payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presentation {
    Redirect(String),
    /// The text of a QR code.
    Qr(String),
}

/// Money that came, as the gateway states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyIn {
    pub transaction: String,
    pub received: Money,
    pub at: OffsetDateTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Not known there yet; some gateways make a payment only when the payer arrives.
    NotYetCreated,
    Open,
    Paid(MoneyIn),
    Declined(String),
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseAnswer {
    Closed,
    AlreadyPaid,
    /// Could not be stopped, because it does not exist there yet: it may still be paid until it expires.
    NotYetCreated,
}

#[derive(Debug, Clone)]
pub struct RefundOrder {
    pub merchant_refund_no: String,
    pub provider_refund_id: Option<String>,
    pub amount: Money,
    pub reason: &'static str,
    pub requested_at: OffsetDateTime,
    pub payment: Payment,
    pub transaction: String,
    /// What the payment brought in, of which this is all or a part.
    pub received: Money,
}

impl RefundOrder {
    pub fn of(refund: &Refund, attempt: &Attempt) -> Self {
        Self {
            merchant_refund_no: refund.merchant_refund_no.clone(),
            provider_refund_id: refund.provider_refund_id.clone(),
            amount: Money::new(refund.amount_minor, refund.currency),
            reason: refund.reason.as_str(),
            requested_at: refund.created_at,
            payment: Payment::of(attempt),
            transaction: attempt.provider_txn_id.clone().unwrap_or_default(),
            received: attempt.received().unwrap_or(Money::zero(refund.currency)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundAnswer {
    pub provider_refund_id: Option<String>,
    pub state: RefundState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    Accepted,
    Succeeded,
    Failed(String),
}

/// One booking in a gateway's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    pub kind: StatementKind,
    pub merchant_ref: Option<String>,
    /// The gateway's id of the money that moved: of the payment, also on the line of its refund.
    pub transaction: String,
    /// Never negative.
    pub amount: Money,
    pub at: OffsetDateTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatementKind {
    Payment,
    Refund { merchant_refund_no: Option<String>, provider_refund_id: Option<String> },
}

/// A notification as it arrived, before anything is believed.
pub struct RawNotification<'a> {
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    #[error("no signature")]
    Unsigned,
    #[error("the signature does not fit")]
    WrongSignature,
    #[error("too old or dated ahead")]
    OutOfTime,
    /// Sealed with another key than the one that is set, or changed since.
    #[error("it can't be opened with the key that is set")]
    NotOpened,
    #[error("not for this merchant")]
    NotForUs,
}

/// What a notification says, read with no more than is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The same for every delivery of one event.
    pub event_key: String,
    pub merchant_ref: Option<String>,
    pub news: News,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    Paid(MoneyIn),
    Declined(String),
    Closed,
    Refund {
        merchant_refund_no: String,
        answer: RefundAnswer,
    },
    /// Money went back without our asking: by hand, in the gateway's own pages.
    RefundElsewhere {
        transaction: String,
        provider_refund_id: String,
        amount: Money,
        state: RefundState,
    },
    /// The payer has asked their bank for the money. Refunding as well would pay twice.
    Disputed {
        transaction: String,
        detail: String,
    },
    /// Genuine, and nothing to act on: still processing, or a kind we don't need.
    Nothing,
    /// Genuine, but what it says can't be read: kept for a person.
    Unreadable(String),
}

/// A notice that was verified. Bytes from outside become one only through [`super::Gateways::verify`].
#[derive(Debug, Clone)]
pub struct Verified(Notice);

impl Verified {
    pub(super) fn by(
        gateway: &dyn Gateway,
        notification: &RawNotification,
        now: OffsetDateTime,
    ) -> Result<Self, NotVerified> {
        gateway.verify(notification, now)?;
        gateway.read(notification.body).map(Self)
    }

    /// Bytes that need no signature: they are stored only after they were verified, or were fetched over a connection
    /// that proves who speaks.
    pub(super) fn trusted(gateway: &dyn Gateway, body: &[u8]) -> Result<Self, NotVerified> {
        gateway.read(body).map(Self)
    }

    pub fn notice(&self) -> &Notice {
        &self.0
    }
}

/// How we took a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// It is stored and what it says is recorded.
    Taken,
    /// It is genuine but speaks of something we don't know: send it again.
    NotKnown,
    /// It did not pass verification.
    Refused,
    /// Our side failed: send it again.
    Broken,
}

pub struct Acknowledgement {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub body: &'static str,
}
