use super::model::Identity;
use super::queries::{self, Row};
use crate::accounts::Proven;
use crate::audit::{self, Act, Actor};
use crate::clock::Clock;
use crate::ids::AccountId;
use crate::seal::KeyRing;
use anyhow::anyhow;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// Rows that move to the newest key at a time.
const BATCH: i64 = 200;

pub struct Kept {
    pub identity: Identity,
    pub saved_at: OffsetDateTime,
}

/// Who has it shown whole, and why.
pub struct Reading<'a> {
    pub by: Actor<'static>,
    pub account: AccountId,
    /// What staff say; owners need no reason.
    pub why: Option<&'a str>,
}

pub async fn save(
    (pool, clock): (&PgPool, &Clock),
    keys: &KeyRing,
    who: &Proven,
    identity: &Identity,
) -> anyhow::Result<()> {
    let person = &who.person;
    let sealed = keys.seal(&purpose(person.id), &serde_json::to_vec(identity)?)?;
    let mut tx = who.begin(pool).await?;
    queries::save(&mut tx, person.id, &sealed, clock.now()).await?;
    audit::record(&mut *tx, act(person.actor(), person.id, "identity.saved", clock.now(), json!({}))).await?;
    Ok(tx.commit().await?)
}

pub async fn remove(pool: &PgPool, clock: &Clock, who: &Proven) -> sqlx::Result<()> {
    let (person, mut tx) = (&who.person, who.begin(pool).await?);
    if queries::remove(&mut tx, person.id).await? {
        audit::record(&mut *tx, act(person.actor(), person.id, "identity.removed", clock.now(), json!({}))).await?;
    }
    tx.commit().await
}

/// For showing it masked. What no key opens any more is as good as not there: its owner gives it again.
pub async fn kept(pool: &PgPool, keys: &KeyRing, account: AccountId) -> sqlx::Result<Option<Kept>> {
    Ok(queries::of(pool, account).await?.and_then(|row| opened(keys, &row)))
}

/// For showing it whole: nobody sees it before it is written down that they do.
pub async fn disclose(
    (pool, clock): (&PgPool, &Clock),
    keys: &KeyRing,
    reading: Reading<'_>,
) -> sqlx::Result<Option<Kept>> {
    let Some(kept) = kept(pool, keys, reading.account).await? else { return Ok(None) };
    let why = reading.why.map_or_else(|| json!({}), |why| json!({ "why": why }));
    audit::record(pool, act(reading.by, reading.account, "identity.read", clock.now(), why)).await?;
    Ok(Some(kept))
}

/// Moves a batch to the newest key, so that old ones can be taken away.
pub async fn reseal(pool: &PgPool, keys: &KeyRing) -> anyhow::Result<()> {
    for row in queries::sealed_with(pool, &keys.older(), BATCH).await? {
        if let Some(kept) = opened(keys, &row) {
            let anew = keys.seal(&purpose(row.account_id), &serde_json::to_vec(&kept.identity)?)?;
            queries::reseal(pool, &row, &anew).await?;
        }
    }
    Ok(())
}

/// With a closed account it goes.
pub async fn forget(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    queries::remove(conn, account).await.map(drop)
}

fn opened(keys: &KeyRing, row: &Row) -> Option<Kept> {
    let plain = keys.open(&purpose(row.account_id), &row.sealed()).map_err(|error| anyhow!(error));
    match plain.and_then(|plain| Ok(serde_json::from_slice(&plain)?)) {
        Ok(identity) => Some(Kept { identity, saved_at: row.saved_at }),
        Err(error) => {
            tracing::error!(account = %row.account_id, %error, "identity details can't be opened");
            None
        }
    }
}

fn purpose(account: AccountId) -> String {
    format!("identity:{account}")
}

fn act(
    actor: Actor<'static>,
    account: AccountId,
    action: &'static str,
    at: OffsetDateTime,
    detail: Value,
) -> Act<'static> {
    Act { at, actor, action, account: Some(account), subject: None, detail }
}
