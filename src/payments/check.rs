//! Whether each gateway answers, and how far its clock is from ours: signatures of one that runs apart are refused.

use super::{GatewayError, Gateways};
use crate::clock::Clock;
use std::fmt;
use time::Duration;

/// Gateways refuse what is signed five minutes apart; a clock that is a minute off is on its way there.
const FAR: Duration = Duration::seconds(60);

pub struct Clocked {
    pub gateway: &'static str,
    pub apart: Result<Apart, GatewayError>,
}

/// The time between two clocks, whichever is ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Apart(Duration);

impl Apart {
    pub fn is_fine(self) -> bool {
        self.0 <= FAR
    }
}

impl fmt::Display for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.0.as_seconds_f64())
    }
}

pub async fn clocks(gateways: &Gateways, clock: &Clock) -> Vec<Clocked> {
    let mut all = vec![];
    for gateway in gateways.all() {
        let apart = gateway.time().await.map(|theirs| Apart((theirs - clock.now()).abs()));
        all.push(Clocked { gateway: gateway.name(), apart });
    }
    all
}
