//! Who a person is and how they prove it: signing up, in and out, confirming an address, recovering a password.
//! Owns `accounts`, `registrations`, `sessions`, `known_browsers` and `account_tokens`. A session lives 12 hours, or 30 minutes unused, and never comes back
//! once it was ended; a mailed token works once. An account is made by whoever reads the mail of its address. Whatever changes how it
//! is guarded is mailed with a link that takes it back.

mod at_home;
mod browser;
mod change_email;
mod change_password;
mod closing;
pub mod email;
mod error;
mod extract;
mod greet;
mod guard;
mod language;
pub mod leaked;
mod login_code;
mod mails;
pub mod name;
mod next;
pub mod pages;
mod passkeys;
pub mod password;
mod profile;
mod queries;
mod rates;
mod reached;
mod recognise;
pub mod recover;
mod refunds_to;
pub mod register;
pub mod second_step;
pub mod second_step_reset;
mod session;
mod sessions;
mod sign_in;
mod sign_out;
mod token;
mod undo;

pub use closing::{Closing, blank, lock_closing, role_of, set_closing};
pub use error::Refusal;
pub use extract::{MaybeSignedIn, Proven, SignedIn, SignedInStaff, to_prove};
pub use guard::{Accounts, guarded};
pub use mails::{Changed, tell_of_change, write_to};
pub use next::own_path;
pub use passkeys::{MOST as MOST_PASSKEYS, Passkeys};
pub use queries::{OpenReset, give_role, open_reset, open_resets};
pub use reached::{Phone, PhoneOwner, Preferences, owner_of_phone, phone, preferences, set_phone, set_preferences};
pub use recognise::{Doorkeeper, recognise};
pub use refunds_to::{RefundsTo, prefer_refunds, refunds_to};
pub use second_step_reset::{Decision, decide as decide_reset};
pub use session::{SessionId, sweep as sweep_sessions};
pub use sessions::end_all as end_sessions;
