//! How somebody wants to be reached: a telephone that they have shown to be theirs, and what they are written.
//! Owns `phone_proofs`. A code goes to the number that was typed, with the limits that texts have wherever they are asked for.

pub mod pages;
mod phone;
mod prefer;
mod queries;
mod text_code;

pub use queries::forget;
pub use text_code::text_code;
