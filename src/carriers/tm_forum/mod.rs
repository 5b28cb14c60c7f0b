//! TM Forum's Open APIs, version 4: renewals as product orders (TMF622) of a catalogue (TMF620) for products in an
//! inventory (TMF637), or as top-ups of a bucket (TMF654) with carriers that sell allowance rather than offers.
//! Nothing in them promises that a request sent twice is done once, and no event tells of a top-up's completion:
//! what was sent is looked for by our request id, and asked after until it has ended.

mod carrier;
mod client;
mod found;
mod wire;

pub use carrier::TmForum;
pub use wire::balance::{TopUp, new as new_top_up};
pub use wire::order::new as new_order;

use serde::Deserialize;

use super::Credentials;
use super::settings::Secret;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What stands before `/productOrderingManagement/v4` and its like.
    pub address: String,
    /// APIs that are reached elsewhere.
    #[serde(default)]
    pub apis: Apis,
    pub renew_by: RenewBy,
    /// A token that does not end.
    pub token: Option<Secret>,
    /// Or where to get tokens that do.
    pub oauth: Option<Credentials>,
    /// The operator's account with the carrier, on which orders and top-ups are booked.
    pub account: Option<String>,
    /// Whether what is left on a line is read from TMF654; with top-ups it always is.
    #[serde(default)]
    pub buckets: bool,
    /// By what number TMF654 knows a line.
    #[serde(default)]
    pub known_by: KnownBy,
    /// What the catalogue calls the data that an offer gives.
    #[serde(default = "usual_characteristic")]
    pub data_characteristic: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apis {
    pub catalogue: Option<String>,
    pub orders: Option<String>,
    pub inventory: Option<String>,
    pub balance: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewBy {
    ProductOrder,
    TopUp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    #[default]
    Iccid,
    /// Digits without a plus sign.
    Msisdn,
}

fn usual_characteristic() -> String {
    "data".to_owned()
}
