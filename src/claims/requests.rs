//! Lines that a person has to add.

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::limits;
use super::queries::{self, OpenRequest};
use crate::audit::{self, Act, Actor};
use crate::clock::Clock;
use crate::ids::{AccountId, LineRequestId};
use crate::web::limits::Denied;

const LONGEST: usize = 300;

/// Kind, what the line was called, and the number whose code was typed. One that is open already is not opened again.
pub async fn open(
    conn: &mut PgConnection,
    account: AccountId,
    (kind, named, proved_by): (&'static str, &str, Option<&str>),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let named: String = named.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let Some(id) = queries::insert_request(conn, account, (kind, &named, proved_by), now).await? else { return Ok(()) };
    let act = Act {
        at: now,
        actor: Actor::customer(account),
        action: "line.requested",
        account: Some(account),
        subject: Some(("line-request", id.to_string())),
        detail: json!({ "kind": kind }),
    };
    audit::record(&mut *conn, act).await
}

/// A customer asks for help with what they typed.
pub async fn ask_for_help(pool: &PgPool, clock: &Clock, account: AccountId, named: &str) -> Result<(), Denied> {
    limits::may_ask_for_help(pool, account).await?;
    let mut tx = crate::db::begin(pool).await?;
    open(&mut tx, account, ("help", named, None), clock.now()).await?;
    Ok(tx.commit().await?)
}

pub async fn open_requests(pool: &PgPool) -> sqlx::Result<Vec<OpenRequest>> {
    queries::open_requests(pool).await
}

/// False: it is closed already.
pub async fn close(
    pool: &PgPool,
    clock: &Clock,
    actor: Actor<'_>,
    request: LineRequestId,
    note: &str,
) -> sqlx::Result<bool> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let Some(account) = queries::close_request(&mut tx, request, note, now).await? else { return Ok(false) };
    let act = Act {
        at: now,
        actor,
        action: "line-request.closed",
        account: Some(account),
        subject: Some(("line-request", request.to_string())),
        detail: json!({ "note": note }),
    };
    audit::record(&mut *tx, act).await?;
    tx.commit().await?;
    Ok(true)
}
