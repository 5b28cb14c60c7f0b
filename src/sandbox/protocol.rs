//! One ledger, and the words of several providers for what is in it.

use super::ledger::{Payment, Refund};
use super::{alipay, notify, stripe, wechat};
use axum::http::StatusCode;
use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

/// Whose words a payment's merchant speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    Sandbox,
    Stripe,
    Alipay,
    Wechat,
}

/// What a merchant is told of.
#[derive(Clone, Copy)]
pub enum Happened<'a> {
    Paid,
    Declined,
    Processing,
    /// With all that has gone back of the payment by now.
    Refund {
        refund: &'a Refund,
        total: i64,
    },
}

/// Signed only when it is sent, since some signatures hold the time.
pub struct Message {
    /// The same for every delivery.
    pub id: String,
    pub body: String,
}

impl Protocol {
    pub const ALL: [Self; 4] = [Self::Sandbox, Self::Stripe, Self::Alipay, Self::Wechat];

    /// Who the payer pays through.
    pub fn name(self, zh: bool) -> &'static str {
        match (self, zh) {
            (Self::Sandbox, true) => "港湾支付",
            (Self::Sandbox, false) => "Harbour Pay",
            (Self::Stripe, _) => "Stripe",
            (Self::Alipay, true) => "支付宝",
            (Self::Alipay, false) => "Alipay",
            (Self::Wechat, true) => "微信支付",
            (Self::Wechat, false) => "WeChat Pay",
        }
    }

    /// `None`: this provider tells nobody of it.
    pub fn message(self, payment: &Payment, happened: Happened<'_>, at: OffsetDateTime) -> Option<Message> {
        match self {
            Self::Sandbox => Some(notify::message(payment, happened, at)),
            Self::Stripe => Some(stripe::message(payment, happened, at)),
            Self::Alipay => alipay::message(payment, happened, at),
            Self::Wechat => wechat::message(payment, happened, at),
        }
    }

    /// Alipay's payer may try again, so that its trade goes on waiting for them and nobody is told.
    pub fn ends_when_declined(self) -> bool {
        self != Self::Alipay
    }

    /// The number of the money that came.
    pub fn transaction(self, payment: &Payment) -> String {
        match self {
            Self::Sandbox => format!("tx_{}", Uuid::new_v4().simple()),
            Self::Stripe => format!("pi_{}", Uuid::new_v4().simple()),
            Self::Alipay => payment.id.clone(),
            Self::Wechat => format!("4200{:024}", Uuid::new_v4().as_u128() % 10_u128.pow(24)),
        }
    }

    /// Seconds between one delivery and the next.
    pub fn waits(self) -> &'static [i32] {
        match self {
            Self::Sandbox => &[2, 5, 15, 30, 60, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 21600, 21600],
            Self::Stripe => &[5, 60, 300, 1800, 3600, 7200, 14400, 28800, 43200, 43200, 43200, 43200],
            Self::Alipay => alipay::waits(),
            Self::Wechat => &[15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600],
        }
    }

    /// Whether the merchant took a notification, by what they answered.
    pub fn is_thanks(self, status: StatusCode, body: &str) -> bool {
        match self {
            Self::Sandbox | Self::Stripe => status.is_success(),
            Self::Alipay => status.is_success() && body == "success",
            Self::Wechat => matches!(status, StatusCode::OK | StatusCode::NO_CONTENT),
        }
    }
}
