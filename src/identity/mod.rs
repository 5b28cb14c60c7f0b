//! Who somebody is by a document, where a carrier has to know it (real-name rules). Owns `identities`. Kept sealed, shown
//! masked; whoever has it shown whole has proved who they are a moment before and leaves a row in the audit trail.

mod document;
mod keep;
mod model;
pub mod pages;
mod queries;

pub use keep::{Kept, Reading, disclose, forget, kept, reseal};
pub use model::{DocumentKind, Identity, Masked};
pub use queries::{is_kept, saved_at};
