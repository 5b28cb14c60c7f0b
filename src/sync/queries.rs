use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use crate::audit::Actor;
use crate::carriers::Change;
use crate::ids::{AccountId, ChangeId, LineId};

pub async fn carriers(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("select code from carriers order by code").fetch_all(conn).await
}

/// Takes up to `wanted` of the questions a carrier allows in a minute, being at most so far `ahead` of that pace; returns
/// how many were had. Counted in the database, so that every replica counts the same.
pub async fn take_turns(
    pool: &PgPool,
    carrier: &str,
    per_minute: u32,
    wanted: usize,
    ahead: Duration,
    now: OffsetDateTime,
) -> sqlx::Result<usize> {
    if wanted == 0 || per_minute == 0 {
        return Ok(0);
    }
    let mut tx = crate::db::begin(pool).await?;
    sqlx::query("insert into usage_turns (carrier, arrival) values ($1, $2) on conflict do nothing")
        .bind(carrier)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    let arrival: OffsetDateTime = sqlx::query_scalar("select arrival from usage_turns where carrier = $1 for update")
        .bind(carrier)
        .fetch_one(&mut *tx)
        .await?;
    let (had, arrival) = turns(arrival, per_minute, wanted, ahead, now);
    sqlx::query("update usage_turns set arrival = $2 where carrier = $1")
        .bind(carrier)
        .bind(arrival)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(had)
}

/// How many turns there are, and when the next one is due after them.
fn turns(
    arrival: OffsetDateTime,
    per_minute: u32,
    wanted: usize,
    ahead: Duration,
    now: OffsetDateTime,
) -> (usize, OffsetDateTime) {
    let gap = Duration::MINUTE / i32::try_from(per_minute.max(1)).unwrap_or(i32::MAX);
    // A clock that was set back must not close the door for long.
    let arrival = arrival.clamp(now, now + ahead + gap);
    let room = (now + ahead - arrival).whole_microseconds() / gap.whole_microseconds().max(1);
    let free = if arrival <= now + ahead { usize::try_from(room).unwrap_or_default() + 1 } else { 0 };
    let had = free.min(wanted);
    (had, arrival + gap * i32::try_from(had).unwrap_or(i32::MAX))
}

/// A stored event, as it was read.
#[derive(sqlx::FromRow, Debug)]
pub struct Event {
    pub id: i64,
    pub carrier: String,
    pub kind: String,
    pub word: Option<String>,
    pub iccid: Option<String>,
    pub carrier_line_id: Option<String>,
    pub reference: Option<String>,
    pub processed_at: Option<OffsetDateTime>,
}

/// What is stored of a delivery.
pub struct NewEvent<'a> {
    pub carrier: &'a str,
    pub key: &'a str,
    pub kind: &'a str,
    pub word: Option<&'a str>,
    pub iccid: Option<&'a str>,
    pub carrier_line_id: Option<&'a str>,
    pub reference: Option<&'a str>,
    pub body: &'a [u8],
}

/// `None`: it was stored before.
pub async fn store_event(
    conn: &mut PgConnection,
    event: &NewEvent<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "insert into carrier_events (carrier, event_key, kind, word, iccid, carrier_line_id, reference, body, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (carrier, event_key) do nothing returning id",
    )
    .bind(event.carrier)
    .bind(event.key)
    .bind(event.kind)
    .bind(event.word)
    .bind(event.iccid)
    .bind(event.carrier_line_id)
    .bind(event.reference)
    .bind(event.body)
    .bind(now)
    .fetch_optional(conn)
    .await
}

pub async fn lock_event(conn: &mut PgConnection, id: i64) -> sqlx::Result<Option<Event>> {
    sqlx::query_as(
        "select id, carrier, kind, word, iccid, carrier_line_id, reference, processed_at from carrier_events
         where id = $1 for update",
    )
    .bind(id)
    .fetch_optional(conn)
    .await
}

pub async fn finish_event(
    conn: &mut PgConnection,
    id: i64,
    line: Option<LineId>,
    outcome: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query("update carrier_events set line_id = $2, outcome = $3, processed_at = $4 where id = $1")
        .bind(id)
        .bind(line)
        .bind(outcome)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// What a carrier was asked to change, and how that stands.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct LineChange {
    pub id: ChangeId,
    pub line_id: LineId,
    pub carrier: String,
    /// `activate`, `suspend` or `resume`.
    pub change: String,
    /// `requested`, `accepted`, `done`, `refused` or `unconfirmed`.
    pub status: String,
    pub actor_role: String,
    pub reason: Option<String>,
    pub refusal: Option<String>,
    pub requested_at: OffsetDateTime,
    pub accepted_at: Option<OffsetDateTime>,
    pub finished_at: Option<OffsetDateTime>,
}

macro_rules! changes {
    ($rest:literal) => {
        concat!(
            "select c.id, c.line_id, l.carrier, c.change, c.status, c.actor_role, c.reason, c.refusal, c.requested_at,
                    c.accepted_at, c.finished_at
             from line_changes c join lines l on l.id = c.line_id where ",
            $rest
        )
    };
}

pub async fn change(pool: &PgPool, id: ChangeId) -> sqlx::Result<Option<LineChange>> {
    sqlx::query_as(changes!("c.id = $1")).bind(id).fetch_optional(pool).await
}

pub async fn newest_change(pool: &PgPool, line: LineId) -> sqlx::Result<Option<LineChange>> {
    sqlx::query_as(changes!("c.line_id = $1 order by c.requested_at desc limit 1"))
        .bind(line)
        .fetch_optional(pool)
        .await
}

pub async fn accepted_change(conn: &mut PgConnection, line: LineId) -> sqlx::Result<Option<LineChange>> {
    sqlx::query_as(changes!("c.line_id = $1 and c.status = 'accepted'")).bind(line).fetch_optional(conn).await
}

pub struct NewChange<'a> {
    pub line: LineId,
    pub account: AccountId,
    pub change: Change,
    pub actor: Actor<'a>,
    pub reason: Option<&'a str>,
}

/// `None`: another one of the line has not ended.
pub async fn insert_change(
    conn: &mut PgConnection,
    new: &NewChange<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<Option<ChangeId>> {
    sqlx::query_scalar(
        "insert into line_changes (id, line_id, account_id, change, actor_id, actor_role, reason, requested_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id",
    )
    .bind(ChangeId::new())
    .bind(new.line)
    .bind(new.account)
    .bind(new.change.as_str())
    .bind(new.actor.id)
    .bind(new.actor.role)
    .bind(new.reason)
    .bind(now)
    .fetch_optional(conn)
    .await
}

pub async fn accept_change(conn: &mut PgConnection, id: ChangeId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update line_changes set status = 'accepted', accepted_at = $2 where id = $1 and status = 'requested'")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn finish_change(
    conn: &mut PgConnection,
    id: ChangeId,
    status: &str,
    refusal: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update line_changes set status = $2, refusal = $3, finished_at = $4 where id = $1 and finished_at is null",
    )
    .bind(id)
    .bind(status)
    .bind(refusal)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);
    const AHEAD: Duration = Duration::seconds(8);

    #[test]
    fn no_more_turns_in_an_hour_than_the_carrier_allows() {
        for per_minute in [1, 6, 60, 480, 600] {
            let (mut arrival, mut had) = (NOON, 0);
            for second in 0..3_600 {
                let (more, next) = turns(arrival, per_minute, 1_000, AHEAD, NOON + Duration::seconds(second));
                (arrival, had) = (next, had + more);
            }
            let allowed = per_minute as usize * 60;
            assert!(had >= allowed && had <= allowed + per_minute as usize, "{per_minute} a minute: {had}");
        }
    }

    #[test]
    fn who_may_be_further_ahead_finds_a_turn_when_the_sync_has_taken_all_of_its_own() {
        let (_, arrival) = turns(NOON, 60, 1_000, AHEAD, NOON);
        assert_eq!(turns(arrival, 60, 1_000, AHEAD, NOON).0, 0);
        assert_eq!(turns(arrival, 60, 1, Duration::seconds(15), NOON).0, 1);
    }
}
