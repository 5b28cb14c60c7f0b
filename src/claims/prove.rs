//! The code from the text is typed.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::codes::{DIGITS, MOST_TRIES};
use super::model::{Claim, Standing};
use super::resolve::{Target, resolve};
use super::take::{Taken, take};
use super::{queries, requests};
use crate::clock::Clock;
use crate::ids::{AccountId, ClaimId, LineId};
use crate::numbers;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proved {
    /// It stands as the claim's page tells it.
    Stands,
    Wrong {
        left: i32,
    },
    /// Not six digits; no try is counted.
    NoCode,
    NotFound,
}

pub async fn prove(
    pool: &PgPool,
    clock: &Clock,
    account: AccountId,
    claim: ClaimId,
    code: &str,
) -> sqlx::Result<Proved> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let Some(claim) = queries::lock(&mut tx, claim).await?.filter(|claim| claim.account_id == account) else {
        return Ok(Proved::NotFound);
    };
    if !matches!(claim.standing(now), Standing::Open { .. }) {
        return Ok(Proved::Stands);
    }
    let Some(code) = numbers::digits(code).ok().filter(|code| code.len() == DIGITS) else {
        return Ok(Proved::NoCode);
    };
    queries::count_try(&mut tx, claim.id).await?;
    let proved = if claim.is_code(&code) {
        let (outcome, line) = conclude(&mut tx, &claim, now).await?;
        queries::end(&mut tx, claim.id, outcome, line, now).await?;
        Proved::Stands
    } else {
        Proved::Wrong { left: MOST_TRIES - claim.tries - 1 }
    };
    tx.commit().await?;
    Ok(proved)
}

/// What the proof leads to. The number is proved, and whatever has another number by now is not.
async fn conclude(
    conn: &mut PgConnection,
    claim: &Claim,
    now: OffsetDateTime,
) -> sqlx::Result<(&'static str, Option<LineId>)> {
    let Some(named) = claim.numbered() else { return ask(conn, claim, "unknown", now).await };
    let mut target = resolve(conn, &named).await?;
    if is_proved(&target, claim)
        && let Target::Stock(stock) = &target
    {
        match take(conn, stock, claim.account_id, "code", now).await? {
            Taken::Added(line) => return Ok(("added", Some(line))),
            Taken::Yours(line) => return Ok(("yours", Some(line))),
            Taken::Held => return ask(conn, claim, "held", now).await,
            // Somebody was faster, and holds it now.
            Taken::Gone => target = resolve(conn, &named).await?,
        }
    }
    match target {
        Target::Held(held) if held.account_id == claim.account_id => Ok(("yours", Some(held.id))),
        Target::Held(ref held) if is_proved(&Target::Held(held.clone()), claim) => ask(conn, claim, "held", now).await,
        _ => ask(conn, claim, "unknown", now).await,
    }
}

fn is_proved(target: &Target, claim: &Claim) -> bool {
    target.number().is_some_and(|number| Some(number.as_str()) == claim.sent_to.as_deref())
}

/// A person adds the line, or finds out whose it is.
async fn ask(
    conn: &mut PgConnection,
    claim: &Claim,
    kind: &'static str,
    now: OffsetDateTime,
) -> sqlx::Result<(&'static str, Option<LineId>)> {
    let request = (kind, claim.number.as_str(), claim.sent_to.as_deref());
    requests::open(conn, claim.account_id, request, now).await?;
    Ok((if kind == "held" { "held" } else { "asked" }, None))
}
