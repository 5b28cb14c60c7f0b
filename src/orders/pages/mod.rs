//! The pages of a renewal: choosing, checking, watching and keeping it.

pub mod ribbon;
