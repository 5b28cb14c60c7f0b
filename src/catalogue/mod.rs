//! What carriers sell and what the operator makes of it. Owns `carrier_offers`: what each carrier said last; one that
//! no plan sells is a draft, and nobody can buy it before somebody has looked at it and published it as a plan.
//! Owns `pricing_rules`, by which drafts are priced, and `carrier_alerts`: what an operator has to see to with a
//! carrier so that customers can renew, one open alert of a kind for a carrier and product.

mod alert;
mod margin;
mod offer;
mod publish;
mod queries;
mod rule;
mod sale;
mod sync;

pub use alert::{Alert, close, raise, see_credit};
pub use offer::{KnownOffer, dismissed, draft, drafts};
pub use publish::{Draft, PublishError, dismiss, publish, restore, try_out};
pub use queries::withheld;
pub use rule::{Rule, remove as remove_rule, save as save_rule};
pub use sale::{PutBack, put_back, withdraw};
pub use sync::{Fetched, JOB, fetch, run, schedule};
