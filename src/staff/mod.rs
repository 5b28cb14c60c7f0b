//! What staff see: what needs a person, any account in seconds, and everything that happened to it on one timeline.
//! Reads every slice; what is to change, the slice changes that owns it. No slice knows of it. Whoever looks leaves a row in the audit trail.

mod needle;
pub mod pages;
mod queries;
pub mod rehearsal;
