//! What the portal is put together from; each part can be asked for by itself in a handler.

use crate::accounts::leaked::Leaked;
use crate::carriers::Carriers;
use crate::clock::Clock;
use crate::config::SecondStep;
use crate::mail::Mailer;
use crate::orders::changes::Changes;
pub use crate::paths::BaseUrl;
use crate::payments::Gateways;
use crate::seal::KeyRing;
use crate::sms::Texter;
use axum::extract::FromRef;
use sqlx::PgPool;

#[derive(Clone, FromRef)]
pub struct App {
    pub pool: PgPool,
    pub clock: Clock,
    pub mailer: Mailer,
    pub texter: Texter,
    pub leaked: Leaked,
    pub second_step: SecondStep,
    pub keys: KeyRing,
    pub reset_wait: time::Duration,
    pub gateways: Gateways,
    pub carriers: Carriers,
    pub base_url: BaseUrl,
    pub changes: Changes,
    pub mode: Mode,
}

/// The demo has a mailbox page, a rehearsal clock and a payment page of its own; production has none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Demo,
    Production,
}
