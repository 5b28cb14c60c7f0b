//! The gateways an operator has contracts with, by their settings. A gateway none of whose settings is given is not used.

use super::alipay::AlipaySettings;
use super::gateway::Gateway;
use super::registry::Gateways;
use super::stripe::StripeSettings;
use super::wechat::WechatSettings;
use crate::clock::Clock;
use crate::paths::BaseUrl;
use clap::Args;
use std::fmt;
use std::sync::Arc;

/// What keeps a gateway from working, found before a customer finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The environment variable to put right.
    pub setting: &'static str,
    pub what: String,
}

impl Problem {
    pub fn of(setting: &'static str, what: impl Into<String>) -> Self {
        Self { setting, what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.what)
    }
}

#[derive(Args, Clone, Debug, Default)]
pub struct GatewaySettings {
    #[command(flatten)]
    stripe: StripeSettings,
    #[command(flatten)]
    alipay: AlipaySettings,
    #[command(flatten)]
    wechat: WechatSettings,
}

/// A gateway that is set up, one that is not wanted, or everything that is wrong with it.
pub type Configured = Result<Option<Arc<dyn Gateway>>, Vec<Problem>>;

impl GatewaySettings {
    /// Every gateway that is wanted, or everything that is wrong, of all of them at once.
    pub fn gateways(&self, base_url: &BaseUrl, clock: &Clock) -> Result<Vec<Arc<dyn Gateway>>, Vec<Problem>> {
        let configured: Vec<Configured> = vec![
            self.stripe.build(base_url, clock),
            self.alipay.build(base_url, clock),
            self.wechat.build(base_url, clock),
        ];
        let (mut gateways, mut problems) = (Vec::new(), Vec::new());
        for one in configured {
            match one {
                Ok(gateway) => gateways.extend(gateway),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(gateways) } else { Err(problems) }
    }

    /// For a command that can do nothing with a gateway that is set up wrongly.
    pub fn required(&self, base_url: &BaseUrl, clock: &Clock) -> anyhow::Result<Gateways> {
        let gateways = self.gateways(base_url, clock).map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("the payment gateways are not set up:\n{}", lines.join("\n"))
        })?;
        Gateways::production(gateways).map_err(|pretends| anyhow::anyhow!("{} takes no real money", pretends.0))
    }
}
