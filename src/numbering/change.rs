use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::model::{Kind, Prefix, Range};
use super::queries;
use crate::audit::{self, Act, Actor};
use crate::clock::Clock;

/// What somebody says about a beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRange {
    pub kind: Kind,
    pub prefix: Prefix,
    pub carrier: String,
    pub line_kind: Option<String>,
    pub plan: Option<String>,
    pub note: String,
}

#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    #[error("no carrier has this code")]
    NoSuchCarrier,
    #[error("no plan has this code")]
    NoSuchPlan,
    #[error("the plan is another carrier's")]
    OthersPlan,
    #[error("the plan is not sold for lines of this kind")]
    OtherKind,
    #[error("the beginning is {carrier}'s already")]
    Taken { carrier: String },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

pub async fn add(pool: &PgPool, clock: &Clock, actor: Actor<'_>, range: &NewRange) -> Result<(), RangeError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    if !queries::knows_carrier(&mut *tx, &range.carrier).await? {
        return Err(RangeError::NoSuchCarrier);
    }
    if let Some(plan) = &range.plan {
        let (carrier, kinds) = queries::plan(&mut *tx, plan).await?.ok_or(RangeError::NoSuchPlan)?;
        fits(range, &carrier, &kinds)?;
    }
    let Some(id) = queries::insert(&mut *tx, range, now).await? else {
        let carrier = queries::holder(&mut *tx, range).await?.unwrap_or_default();
        return Err(RangeError::Taken { carrier });
    };
    let said = (range.kind.as_str(), range.prefix.as_str(), range.carrier.as_str());
    let act = act(now, actor, "number-range.added", id, said, range.line_kind.as_deref(), range.plan.as_deref());
    audit::record(&mut *tx, act).await?;
    Ok(tx.commit().await?)
}

fn fits(range: &NewRange, carrier: &str, kinds: &[String]) -> Result<(), RangeError> {
    if carrier != range.carrier {
        return Err(RangeError::OthersPlan);
    }
    match &range.line_kind {
        Some(kind) if !kinds.contains(kind) => Err(RangeError::OtherKind),
        _ => Ok(()),
    }
}

/// Done if it was there; a range that is gone already needs nothing.
pub async fn remove(pool: &PgPool, clock: &Clock, actor: Actor<'_>, id: i64) -> sqlx::Result<Option<Range>> {
    let mut tx = crate::db::begin(pool).await?;
    let gone = queries::delete(&mut *tx, id).await?;
    if let Some(range) = &gone {
        let said = (range.kind.as_str(), range.prefix.as_str(), range.carrier.as_str());
        let (line_kind, plan) = (range.line_kind.as_deref(), range.plan.as_deref());
        audit::record(&mut *tx, act(clock.now(), actor, "number-range.removed", id, said, line_kind, plan)).await?;
    }
    tx.commit().await?;
    Ok(gone)
}

fn act<'a>(
    at: OffsetDateTime,
    actor: Actor<'a>,
    action: &'static str,
    id: i64,
    (kind, prefix, carrier): (&str, &str, &str),
    line_kind: Option<&str>,
    plan: Option<&str>,
) -> Act<'a> {
    let detail = json!({ "kind": kind, "prefix": prefix, "carrier": carrier, "line_kind": line_kind, "plan": plan });
    Act { at, actor, action, account: None, subject: Some(("number-range", id.to_string())), detail }
}
