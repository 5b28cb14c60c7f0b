//! FM cards and eSIMs a customer holds, how long they are valid and what is left on them.
//! Owns `lines`, `line_validities`, `line_iccids` and `stock_lines`, those nobody holds yet. Identity is carrier + ICCID +
//! since when: a recycled ICCID is another line.
//! Validity only moves through [`extend`] and [`rewrite`], which write the ledger entry that explains it.

pub mod advice;
pub mod model;
pub mod pace;
pub mod queries;
pub mod words;

pub(crate) use queries::line_columns;
pub use queries::profile::{NewProfile, is_held, set_installed, take_profile};
pub use queries::stock::{
    Holding, Stock, end, forget, held_by_iccid, held_by_msisdn, hold, lock_stock, own_by_code, rivals, stock_by_code,
    stock_by_iccid, stock_by_msisdn,
};
pub use queries::usage::{
    Due, Watched, begin_asking, due, find_held, lock_watched, put_off, rewrite, sync_anew, sync_now, watched,
};
pub use queries::{Extension, carriers_of, extend, held_as, held_by, lock, may_be_held, set_label, start_plan};
