//! Adding a line: what was typed is read, proved, and moved from stock to whoever proved it.
//! Possession of the whole activation code is a proof; an ICCID or a number is proved by a code sent to the line's number.
//! Before the proof nothing tells what is in stock: the same work is done and the same page is shown for every number.
//! Owns `line_claims` and `line_requests`, what a person has to do because the portal could not.

mod activate;
mod ask;
pub mod codes;
mod end;
mod limits;
mod model;
pub mod pages;
mod prove;
mod queries;
mod read;
mod requests;
mod resolve;
mod take;
mod text;

pub use end::{EndError, end_held, end_line};
pub use limits::may_text;
pub use queries::{OpenRequest, forget, sweep};
pub use requests::{close, open_requests};
pub use text::{SEND_CODE, send_code};
