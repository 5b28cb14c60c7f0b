//! `GET /staff`, `/staff/accounts` and `/staff/accounts/{account}`, and what finance does about money.

mod account;
mod accounts;
mod catalogue;
mod entry;
mod gateways;
mod home;
mod identity;
mod line;
mod line_requests;
mod line_rows;
mod money;
mod notice_told;
mod notices;
mod numbering;
mod offer;
mod plans;
mod pricing;
mod refund;
mod refund_done;
mod refusal;
mod second_step_resets;
mod shown;
mod work;
mod wrong;

pub use account::end_sessions;
pub use account::show as account;
pub use accounts::index as accounts;
pub use catalogue::{fetch as fetch_catalogue, index as catalogue};
pub use gateways::{index as gateways, run as reconciliation, sign as sign_reconciliation};
pub use home::show as home;
pub use identity::{disclose as disclose_identity, show as identity};
pub use line::{
    create as line_change, create_profile as line_profile, end as line_end, refresh as line_refresh, show as line,
};
pub use line_requests::{close as close_line_request, index as line_requests};
pub use notices::{again as replay_notice, body as notice_body, index as notices, show as notice};
pub use numbering::{add as add_range, confirm as range, index as numbering, remove as remove_range};
pub use offer::{dismiss as dismiss_offer, publish as publish_offer, restore as restore_offer, show as offer};
pub use plans::{confirm as plan_sale, decide as decide_plan_sale, index as plans};
pub use pricing::{confirm as pricing_rule, remove as remove_pricing, save as save_pricing};
pub use refund::{confirm as refund_confirm, review as refund_review, show as refund};
pub use refund_done::{confirm as confirm_refund_done, show as refund_done};
pub use second_step_resets::{
    decide as decide_second_step_reset, index as second_step_resets, show as second_step_reset,
};
pub use work::{case_closed, retry_refund};

pub(super) use shown::{day_and_time, named, real_time};
