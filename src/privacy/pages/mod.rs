mod close;
mod export;

pub use close::{ask, keep, show as closing};
pub use export::{create, download, show as data};
