//! Which carrier a card or a number belongs to. Owns `number_ranges`, what the operator knows of its own carriers:
//! beginnings of ICCIDs and numbers, the longest of which counts. What the world knows is a part of the program:
//! who issues cards with which beginning (`assets/card-issuers.csv`, ITU-T E.118) and whose country code is whose
//! (`assets/country-codes.csv`, ITU-T E.164). Beginnings are reused and numbers are ported: all of it is a hint.

mod change;
mod issuer;
mod model;
mod queries;
mod recognise;

pub use change::{NewRange, RangeError, add, remove};
pub use issuer::{Issuer, country, issuer};
pub use model::{Kind, Prefix, Range};
pub use queries::{by_id, every, save_all};
pub use recognise::{Carrier, Named, Ranges, Recognised, recognise};
