//! One renewal intention: what was promised, what it costs, what became of it. The only coordinator of money and carrier.
//! Owns `orders`, `order_events` and `cases`. An order is `awaiting_payment`, then `paid`, then `fulfilled`; on side roads
//! `expired`, `cancelled`, `refunding`, `refunded`, and `needs_attention` where a person must look.
//! It hears of payments and provisioning by their events only (`progress`); every move leaves a row in `order_events`.

pub mod changes;
pub mod check;
pub mod expire;
pub mod filter;
pub mod give_back;
pub mod limits;
pub mod mails;
pub mod model;
pub mod pages;
pub mod pay;
pub mod progress;
pub mod queries;
pub mod receipt;
pub mod renew;
pub mod ribbon;
pub mod standing;
pub mod suggest;
pub mod top_up;

pub use pages::ribbon::RibbonView;
pub use queries::has_open;
