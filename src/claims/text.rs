//! The job that finds out whether there is a number to prove the line by, and sends it a code.

use sqlx::{PgConnection, PgPool};

use super::model::{Claim, Standing};
use super::{codes, limits, queries, resolve};
use crate::clock::Clock;
use crate::config;
use crate::ids::ClaimId;
use crate::jobs::{Claimed, Done, JobError};
use crate::numbers::Msisdn;
use crate::sms::{self, NewText};
use crate::web::limits::Denied;

pub const SEND_CODE: &str = "send-line-code";

pub async fn send_code(pool: &PgPool, clock: &Clock, job: &Claimed) -> Result<Done, JobError> {
    let id: ClaimId = job.field("claim_id")?;
    let receiver = receiver(pool, id).await?;
    let mut tx = crate::db::begin(pool).await?;
    let claim = queries::lock(&mut tx, id).await?.ok_or_else(|| JobError::fail(sqlx::Error::RowNotFound))?;
    let is_open = matches!(claim.standing(clock.now()), Standing::Open { .. }) && claim.code_hash.is_none();
    if let Some(number) = receiver.filter(|_| is_open) {
        send(&mut tx, clock, &claim, &number).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// `None`: no text goes out, and nobody is told.
async fn receiver(pool: &PgPool, claim: ClaimId) -> Result<Option<Msisdn>, JobError> {
    let mut conn = pool.acquire().await?;
    let Some(named) = queries::named(&mut *conn, claim).await?.and_then(|claim| claim.numbered()) else {
        return Ok(None);
    };
    let Some(number) = resolve::resolve(&mut conn, &named).await?.number() else { return Ok(None) };
    drop(conn);
    match limits::may_receive(pool, &number).await {
        Ok(()) => Ok(Some(number)),
        Err(Denied::TooOften(_)) => {
            tracing::info!("no code was sent: its receiver has had enough of them");
            Ok(None)
        }
        Err(Denied::Database(error)) => Err(error.into()),
    }
}

async fn send(conn: &mut PgConnection, clock: &Clock, claim: &Claim, number: &Msisdn) -> sqlx::Result<()> {
    let (code, language) = (codes::code(), claim.language());
    queries::set_code(conn, claim.id, number, &codes::hash(&claim.code_salt, &code)).await?;
    let operator = config::brand().name(language);
    let text = NewText {
        account: claim.account_id,
        template: "line-code",
        language,
        to: number,
        subject: language.t("claim-text-subject").to_owned(),
        text: language.ta("claim-text", &[("operator", operator.into()), ("code", code.into())]),
        not_after: claim.expires_at,
    };
    sms::enqueue(conn, text, clock.now()).await.map(drop)
}
