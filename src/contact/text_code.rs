use crate::accounts::{self, second_step::code};
use crate::clock::Clock;
use crate::jobs::{Claimed, Done, JobError};
use crate::lines;
use crate::numbers::Msisdn;
use sqlx::PgPool;

/// A code to sign in with goes to a number that somebody proved, while it can be theirs: a line of ours that ended or
/// lapsed may be another's by now.
pub async fn text_code(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let number: Msisdn = job.field("phone")?;
    let owner = accounts::owner_of_phone(pool, &number).await?;
    let owner = match owner {
        Some(owner) if lines::may_be_held(pool, &number, owner.id, clock.now().date()).await? => Some(owner),
        _ => None,
    };
    code::text_code(pool, clock, job, owner).await
}
