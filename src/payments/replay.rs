//! Notifications taken up again: those that were forgotten, those a person asks for, those that never arrived.

use super::gateway::{Gateway, NotVerified, Receipt, Verified};
use super::queries::events::{self, Event};
use super::{Gateways, webhooks};
use crate::clock::Clock;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

/// How far back a gateway is asked what it could not deliver.
const UNDELIVERED_SINCE: Duration = Duration::days(10);

#[derive(Debug, Default)]
pub struct Replayed {
    pub tried: usize,
    pub came_through: usize,
    /// What could not even be read, by its id in `gateway_events`.
    pub not_read: Vec<(i64, NotRead)>,
}

/// What became of one notification that was taken up again.
#[derive(Debug)]
pub enum Again {
    Applied,
    /// It was read, and speaks of something that is not known here, or says nothing that can be understood.
    NotApplied,
    NotRead(NotRead),
}

/// Why the bytes of a stored notification say nothing today, though they did when they came.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    #[error("its gateway is not set up")]
    NoGateway,
    #[error(transparent)]
    Refused(#[from] NotVerified),
}

/// Tries again what was stored and could not be applied, such as a notification for a reference that was not committed yet.
pub async fn replay_unprocessed(pool: &PgPool, clock: &Clock, gateways: &Gateways) -> sqlx::Result<usize> {
    Ok(replay(pool, clock, gateways, None, None).await?.came_through)
}

/// Reads stored notifications anew and applies them, of one gateway or of all: what was never applied, or with `since` all that
/// came since then. What was recorded before is not recorded twice.
pub async fn replay(
    pool: &PgPool,
    clock: &Clock,
    gateways: &Gateways,
    gateway: Option<&str>,
    since: Option<OffsetDateTime>,
) -> sqlx::Result<Replayed> {
    let (mut after, mut replayed) = (0, Replayed::default());
    loop {
        let mut tx = crate::db::begin(pool).await?;
        let Some(event) = events::next_to_replay(&mut tx, after, gateway, since).await? else { return Ok(replayed) };
        after = event.id;
        let outcome = again(&mut tx, gateways, &event, clock.now()).await?;
        tx.commit().await?;
        replayed.tried += 1;
        match outcome {
            Again::Applied => replayed.came_through += 1,
            Again::NotApplied => {}
            Again::NotRead(why) => replayed.not_read.push((event.id, why)),
        }
    }
}

/// `None`: there is no such notification.
pub async fn replay_one(
    conn: &mut PgConnection,
    gateways: &Gateways,
    id: i64,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Again>> {
    let Some(event) = events::lock_event(conn, id).await? else { return Ok(None) };
    again(conn, gateways, &event, now).await.map(Some)
}

async fn again(
    conn: &mut PgConnection,
    gateways: &Gateways,
    event: &Event,
    now: OffsetDateTime,
) -> sqlx::Result<Again> {
    let verified = match read(gateways, event) {
        Ok(verified) => verified,
        Err(why) => {
            tracing::warn!(gateway = event.gateway, event = event.id, %why, "a stored notification could not be read");
            return Ok(Again::NotRead(why));
        }
    };
    match webhooks::apply_again(conn, event, &verified, now).await? {
        Receipt::Taken => Ok(Again::Applied),
        _ => Ok(Again::NotApplied),
    }
}

fn read(gateways: &Gateways, event: &Event) -> Result<Verified, NotRead> {
    let gateway = gateways.named(&event.gateway).ok_or(NotRead::NoGateway)?;
    Ok(Verified::trusted(gateway.as_ref(), &event.body)?)
}

/// Asks every gateway for what it could not deliver. One that can't be asked does not keep the others from it.
pub async fn fetch_undelivered(pool: &PgPool, clock: &Clock, gateways: &Gateways) -> sqlx::Result<usize> {
    let mut taken = 0;
    for gateway in gateways.all() {
        match gateway.undelivered(clock.now() - UNDELIVERED_SINCE).await {
            Ok(missed) => {
                for body in missed {
                    taken += usize::from(take(pool, clock, gateway.as_ref(), &body).await? == Receipt::Taken);
                }
            }
            Err(error) => {
                tracing::warn!(gateway = gateway.name(), %error, "undelivered notifications could not be had")
            }
        }
    }
    Ok(taken)
}

async fn take(pool: &PgPool, clock: &Clock, gateway: &dyn Gateway, body: &[u8]) -> sqlx::Result<Receipt> {
    match Verified::trusted(gateway, body) {
        Ok(verified) => webhooks::store(pool, gateway.name(), &verified, body, clock.now()).await,
        Err(why) => {
            tracing::warn!(gateway = gateway.name(), %why, "an undelivered notification could not be read");
            Ok(Receipt::Refused)
        }
    }
}
