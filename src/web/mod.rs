//! What every page needs and no slice owns: who is asking, in which language, how errors look, where assets live.

pub mod assets;
mod body;
pub mod client;
mod conn;
pub mod cookies;
pub mod csp;
pub mod csrf;
mod ctx;
pub mod error;
mod finish;
mod form;
pub mod headers;
pub mod health;
pub mod limits;
pub mod nul;
mod page;
mod panic;
mod path;
mod person;
pub mod server;

pub use body::read_first;
pub use conn::{Conn, Lent};
pub use ctx::{CsrfToken, Ctx, InDemo, LANGUAGE_COOKIE};
pub use error::{PageError, error_pages};
pub use finish::finish_what_was_started;
pub use form::{Form, FormOver, Nothing};
pub use page::{Page, noted, see_other, unprocessable};
pub use panic::sealed;
pub use path::Path;
pub use person::{Person, Role};
