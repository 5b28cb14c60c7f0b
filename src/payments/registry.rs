use super::gateway::{Gateway, NotVerified, RawNotification, Verified};
use crate::money::Currency;
use std::sync::Arc;
use time::OffsetDateTime;

/// The gateways this portal was started with.
#[derive(Clone, Default)]
pub struct Gateways(Arc<Vec<Arc<dyn Gateway>>>);

/// A rehearsal gateway among those meant for customers' money.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the gateway `{0}` only pretends to take money and can't be used in production")]
pub struct Pretends(pub &'static str);

impl Gateways {
    /// For customers: refuses a gateway that moves no real money.
    pub fn production(gateways: Vec<Arc<dyn Gateway>>) -> Result<Self, Pretends> {
        match gateways.iter().find(|gateway| !gateway.moves_real_money()) {
            Some(gateway) => Err(Pretends(gateway.name())),
            None => Ok(Self(Arc::new(gateways))),
        }
    }

    /// For the demo and tests.
    pub fn rehearsal(gateways: Vec<Arc<dyn Gateway>>) -> Self {
        Self(Arc::new(gateways))
    }

    /// These and one more, for the demo and tests.
    pub fn and(&self, gateway: Arc<dyn Gateway>) -> Self {
        Self(Arc::new(self.0.iter().cloned().chain([gateway]).collect()))
    }

    pub fn all(&self) -> &[Arc<dyn Gateway>] {
        &self.0
    }

    pub fn named(&self, name: &str) -> Option<&Arc<dyn Gateway>> {
        self.0.iter().find(|gateway| gateway.name() == name)
    }

    pub fn for_method(&self, method: &str) -> Option<&Arc<dyn Gateway>> {
        self.0.iter().find(|gateway| gateway.methods().contains(&method))
    }

    /// What a customer may choose for an amount in this currency, in the order it is offered.
    pub fn methods_for(&self, currency: Currency) -> Vec<&'static str> {
        self.0
            .iter()
            .filter(|gateway| gateway.accepts(currency))
            .flat_map(|gateway| gateway.methods())
            .copied()
            .collect()
    }

    /// Every origin a payer may be sent to.
    pub fn payer_origins(&self) -> Vec<String> {
        self.0.iter().flat_map(|gateway| gateway.payer_origins()).map(|origin| (*origin).to_owned()).collect()
    }

    /// The one way from a stranger's bytes to something that may be acted on.
    pub fn verify(
        gateway: &dyn Gateway,
        notification: &RawNotification,
        now: OffsetDateTime,
    ) -> Result<Verified, NotVerified> {
        Verified::by(gateway, notification, now)
    }
}
