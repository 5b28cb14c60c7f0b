//! How somebody wants to be reached: a telephone that they have shown to be theirs, and what they are written.
//! Owns `phone_proofs`. A code goes to the number that was typed, with the limits that texts have wherever they are asked for.

pub mod pages;
mod phone;
mod prefer;
mod queries;

pub use queries::forget;
