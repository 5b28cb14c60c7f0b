//! 1GLOBAL Connect, version 2: eSIMs and physical SIMs on one endpoint. An order is polled by its id until it is
//! completed. There is no search by our own id, but the subscriptions of a SIM are all listed, for ever: an order whose
//! answer was lost shows there as a subscription that was not there before.

mod carrier;
mod client;
mod notices;
mod wire;

pub use carrier::OneGlobal;

use std::net::IpAddr;

use serde::Deserialize;

use super::Credentials;
use super::settings::Secret;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What stands before `/orders`.
    #[serde(default = "usual_address")]
    pub address: String,
    #[serde(default = "usual_token_address")]
    pub token_address: String,
    pub client_id: String,
    pub client_secret: Secret,
    /// Orders name a country; the one agreed with 1GLOBAL, such as `GB`.
    pub country: String,
    /// What a notification must show to be believed: it is not signed.
    #[serde(default)]
    pub notices: Believed,
}

/// All that is set must hold; where nothing is, nothing is believed.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Believed {
    /// The addresses it may come from.
    #[serde(default)]
    pub from: Vec<IpAddr>,
    /// The name and password that 1GLOBAL was asked to send along.
    pub user: Option<String>,
    pub password: Option<Secret>,
}

impl Settings {
    fn credentials(&self) -> Credentials {
        Credentials {
            token_address: self.token_address.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
        }
    }
}

fn usual_address() -> String {
    "https://services.truphone.com/connect-api/v2".to_owned()
}

fn usual_token_address() -> String {
    "https://services.truphone.com/auth/realms/tru-staff/protocol/openid-connect/token".to_owned()
}
