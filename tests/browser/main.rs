//! The portal in a real browser: what a customer sees and does, with and without scripts, in both languages.

// A test that cannot go on says where by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod every_page;
mod led;
mod passkeys;
mod pictures;
mod renewing;
mod support;
