mod own;
pub mod rows;

pub use own::{disclose, remove, show, update};
