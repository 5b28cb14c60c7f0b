//! The house rules that a compiler does not keep: who may import whom, what templates may hold, which texts exist.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dependencies;
mod guards;
mod layers;
mod limits;
mod routes;
mod security;
mod source;
mod templates;
mod texts;
