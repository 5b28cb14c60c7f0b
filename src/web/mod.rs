//! What every page needs and no slice owns: who is asking, in which language, how errors look, where assets live.

pub mod assets;
mod ctx;
pub mod error;
mod page;
mod person;

pub use ctx::{CsrfToken, Ctx};
pub use error::{PageError, error_pages};
pub use page::{Page, see_other, unprocessable};
pub use person::{Person, Role};
