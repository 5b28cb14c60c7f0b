mod axe;
pub mod browser;
#[path = "../../it/support/db.rs"]
mod db;
mod driver;
#[path = "../../it/support/keeper.rs"]
mod keeper;
#[path = "../../support/portal.rs"]
mod portal;

pub use browser::{Browser, Looks};
pub use portal::TestPortal;
