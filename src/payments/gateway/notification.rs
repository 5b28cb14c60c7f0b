//! What a gateway tells unasked, from the bytes as they came to the words of thanks.

use super::{Gateway, MoneyIn, RefundAnswer, RefundState};
use crate::money::Money;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

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
    pub(in crate::payments) fn by(
        gateway: &dyn Gateway,
        notification: &RawNotification,
        now: OffsetDateTime,
    ) -> Result<Self, NotVerified> {
        gateway.verify(notification, now)?;
        gateway.read(notification.body).map(Self)
    }

    /// Bytes that need no signature: they are stored only after they were verified, or were fetched over a connection
    /// that proves who speaks.
    pub(in crate::payments) fn trusted(gateway: &dyn Gateway, body: &[u8]) -> Result<Self, NotVerified> {
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
