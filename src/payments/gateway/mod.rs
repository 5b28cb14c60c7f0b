//! What a payment gateway must be able to do. Every flow is spelled out: a gateway that lacks one does not compile.

mod error;
mod notification;
mod payment;
mod refund;
mod statement;

pub use error::GatewayError;
pub use notification::{Acknowledgement, News, NotVerified, Notice, RawNotification, Receipt, Verified};
pub use payment::{CloseAnswer, Created, MoneyIn, Payer, Payment, Presentation, Standing};
pub use refund::{RefundAnswer, RefundOrder, RefundState};
pub use statement::{StatementKind, StatementLine};

use crate::money::Currency;
use async_trait::async_trait;
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

    /// The time by its clock, once it has answered a signed question as somebody it knows: signatures of one that runs
    /// apart are refused.
    async fn time(&self) -> Result<OffsetDateTime, GatewayError>;

    /// Whether the gateway wrote this. Pure: bytes, headers and the time are all it knows.
    fn verify(&self, notification: &RawNotification, now: OffsetDateTime) -> Result<(), NotVerified>;

    /// What it says. The signature is not looked at again: keys rotate, and what is stored is read long after.
    fn read(&self, body: &[u8]) -> Result<Notice, NotVerified>;

    /// The words this gateway wants to hear.
    fn acknowledge(&self, outcome: Receipt) -> Acknowledgement;
}
