//! What only the demo has: a believable operator, a carrier and a gateway to rehearse with, and time that can be moved.

pub mod parts;
pub mod rehearsal;
