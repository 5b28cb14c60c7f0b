//! What the portal is put together from; each part can be asked for by itself in a handler.

use crate::carriers::Carriers;
use crate::clock::Clock;
use crate::mail::Mailer;
use crate::orders::changes::Changes;
use crate::payments::Gateways;
use axum::extract::FromRef;
use sqlx::PgPool;
use std::sync::Arc;

#[derive(Clone, FromRef)]
pub struct App {
    pub pool: PgPool,
    pub clock: Clock,
    pub mailer: Mailer,
    pub gateways: Gateways,
    pub carriers: Carriers,
    pub base_url: BaseUrl,
    pub changes: Changes,
    pub mode: Mode,
}

/// The address customers type, without a slash at its end; links in mails and gateways start with it.
#[derive(Clone, Debug)]
pub struct BaseUrl(pub Arc<str>);

impl BaseUrl {
    pub fn new(url: &str) -> Self {
        Self(url.trim_end_matches('/').into())
    }

    pub fn to(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

/// The demo has a mailbox page, a rehearsal clock and a payment page of its own; production has none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Demo,
    Production,
}
