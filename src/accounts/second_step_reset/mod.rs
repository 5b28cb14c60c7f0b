//! A second step that is lost, recovery codes and all. Whoever gives the first factor asks for it to be taken off; the owner
//! is written to at once and each day and can stop it; after the wait an admin decides. Owns `second_step_resets`:
//! `open` → `approved`, `refused`, `cancelled`, `needless` (somebody came in without it) or `expired`.
mod ask;
mod cancel;
mod decide;
mod remind;

pub use ask::{ask, standing};
pub use cancel::{cancel, is_open, needless, undone};
pub use decide::{Decision, decide};
pub use remind::{REMIND, remind};

use serde_json::json;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::queries::OpenReset;
use crate::{
    audit::{self, Act, Actor},
    ids::SecondStepResetId,
};

/// What nobody has decided by then is over.
pub const KEPT: Duration = Duration::days(14);

/// What becomes of a request, in the audit trail of the account.
async fn note(
    conn: &mut PgConnection,
    reset: &OpenReset,
    action: &'static str,
    (actor, why): (Actor<'_>, &str),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let act = Act {
        at: now,
        actor,
        action,
        account: Some(reset.account_id),
        subject: Some(subject(reset.id)),
        detail: json!({ "note": why }),
    };
    audit::record(conn, act).await
}

fn subject(reset: SecondStepResetId) -> (&'static str, String) {
    ("second-step-reset", reset.to_string())
}
