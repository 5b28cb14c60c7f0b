//! Notifications taken up again: those that were forgotten, those a person asks for, those that never arrived.

use super::gateway::{Receipt, Verified};
use super::queries::events::{self, Event};
use super::{Gateways, webhooks};
use crate::clock::Clock;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

/// How far back a gateway is asked what it could not deliver.
const UNDELIVERED_SINCE: Duration = Duration::days(10);

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    pub tried: usize,
    pub came_through: usize,
}

/// Tries again what was stored and could not be applied, such as a notification for a reference that was not committed yet.
pub async fn replay_unprocessed(pool: &PgPool, clock: &Clock) -> sqlx::Result<usize> {
    Ok(replay(pool, clock, None, None).await?.came_through)
}

/// Applies stored notifications again, of one gateway or of all: what was never applied, or with `since` all that came since then.
/// What was recorded before is not recorded twice.
pub async fn replay(
    pool: &PgPool,
    clock: &Clock,
    gateway: Option<&str>,
    since: Option<OffsetDateTime>,
) -> sqlx::Result<Replayed> {
    let (mut after, mut replayed) = (0, Replayed::default());
    loop {
        let mut tx = crate::db::begin(pool).await?;
        let Some(event) = events::next_to_replay(&mut tx, after, gateway, since).await? else { return Ok(replayed) };
        after = event.id;
        let receipt = again(&mut tx, event, clock.now()).await?;
        tx.commit().await?;
        replayed.tried += 1;
        replayed.came_through += usize::from(receipt == Receipt::Taken);
    }
}

/// `None`: there is no such notification. `false`: it could not be applied this time either.
pub async fn replay_one(conn: &mut PgConnection, id: i64, now: OffsetDateTime) -> sqlx::Result<Option<bool>> {
    let Some(event) = events::lock_event(conn, id).await? else { return Ok(None) };
    Ok(Some(again(conn, event, now).await? == Receipt::Taken))
}

async fn again(conn: &mut PgConnection, event: Event, now: OffsetDateTime) -> sqlx::Result<Receipt> {
    let verified = Verified::stored(event.notice.0);
    match event.processed_at {
        // What it came to the first time stays written down.
        Some(_) => webhooks::apply_again(conn, &event.gateway, event.id, &verified, now).await,
        None => webhooks::process(conn, &event.gateway, event.id, &verified, now).await,
    }
}

/// Asks every gateway for what it could not deliver. One that can't be asked does not keep the others from it.
pub async fn fetch_undelivered(pool: &PgPool, clock: &Clock, gateways: &Gateways) -> sqlx::Result<usize> {
    let mut taken = 0;
    for gateway in gateways.all() {
        match gateway.undelivered(clock.now() - UNDELIVERED_SINCE).await {
            Ok(missed) => {
                for one in missed {
                    let verified = Verified::stored(one.notice);
                    let receipt = webhooks::store(pool, gateway.name(), &verified, &one.body, clock.now()).await?;
                    taken += usize::from(receipt == Receipt::Taken);
                }
            }
            Err(error) => {
                tracing::warn!(gateway = gateway.name(), %error, "undelivered notifications could not be had")
            }
        }
    }
    Ok(taken)
}
