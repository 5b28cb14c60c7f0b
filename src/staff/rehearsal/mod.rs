//! The demo's own pages: the clock that can be moved and the mailbox where everything sent arrives.

mod clock;
mod mailbox;
mod target;

pub use clock::{advance, show};
pub use mailbox::{index as mailbox, show as message};
