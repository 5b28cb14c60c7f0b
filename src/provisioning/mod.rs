//! The task of making a carrier apply what was bought, one per paid order, for ever. Owns `provisionings`
//! and `carrier_reservations`: what a carrier holds before there is money.
//! `queued -> submitted | unknown -> succeeded | failed_permanent`. The request and its id are stored
//! before the carrier is called; whatever may have been sent is asked after before it is sent again.
//! Orders hear of the end by the event jobs named here.

mod model;
mod order;
mod queries;
mod reserve;
mod run;

pub use model::{Provisioning, State};
pub use order::{Place, hurry, place};
pub use queries::{by_id, of_order, under_way};
pub use reserve::{RELEASE, ReserveError, is_held, let_go, release, reserve};
pub use run::{PROVISION, Settings, provision};

/// The carrier has done it: `carrier_until` is the last day it gives. `{provisioning_id}`
pub const PROVISIONED: &str = "provisioned";
/// The carrier has refused for good, for the reason in `refusal`. `{provisioning_id}`
pub const PROVISIONING_REFUSED: &str = "provisioning-refused";
/// No end after a long time; once per provisioning, and the carrier is asked on. `{provisioning_id}`
pub const PROVISIONING_STUCK: &str = "provisioning-stuck";
