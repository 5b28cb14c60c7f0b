use super::gateway::Verified;
use super::{queries, webhooks};
use crate::clock::Clock;
use sqlx::PgPool;

/// Tries again what was stored and could not be applied, such as a notification for a reference that was not committed yet.
/// Returns how many came through.
pub async fn replay_unprocessed(pool: &PgPool, clock: &Clock) -> sqlx::Result<usize> {
    let (mut after, mut came_through) = (0, 0);
    loop {
        let mut tx = crate::db::begin(pool).await?;
        let Some(event) = queries::events::next_unprocessed(&mut tx, after).await? else { return Ok(came_through) };
        after = event.id;
        let verified = Verified::stored(event.notice.0);
        let receipt = webhooks::process(&mut tx, &event.gateway, event.id, &verified, clock.now()).await?;
        tx.commit().await?;
        came_through += usize::from(receipt == super::gateway::Receipt::Taken);
    }
}
