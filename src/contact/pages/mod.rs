mod phone;
mod show;

pub use phone::{check, create, remove};
pub use show::{show, update};
