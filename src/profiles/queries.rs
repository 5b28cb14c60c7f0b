use sqlx::{PgConnection, PgExecutor, PgPool};
use time::OffsetDateTime;

use super::model::State;
use crate::audit::Actor;
use crate::ids::{AccountId, LineId, ProfileOrderId};

/// A profile that was asked for, and how that stands.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct ProfileOrder {
    pub id: ProfileOrderId,
    pub line_id: LineId,
    pub account_id: AccountId,
    pub carrier: String,
    /// `reissue` or `move`.
    pub purpose: String,
    pub eid: Option<String>,
    pub old_iccid: String,
    pub iccid: Option<String>,
    pub matching_id: String,
    pub confirmation_code: Option<String>,
    pub activation_code: Option<String>,
    #[sqlx(try_from = "String")]
    pub state: State,
    pub freed: bool,
    pub sent_at: Option<OffsetDateTime>,
    pub tries: i32,
    pub refusal: Option<String>,
    pub actor_id: AccountId,
    pub actor_role: String,
    pub reason: Option<String>,
    pub requested_at: OffsetDateTime,
    pub released_at: Option<OffsetDateTime>,
    pub finished_at: Option<OffsetDateTime>,
}

macro_rules! orders {
    ($rest:literal) => {
        concat!("select p.*, l.carrier from profile_orders p join lines l on l.id = p.line_id where ", $rest)
    };
}

pub async fn by_id(executor: impl PgExecutor<'_>, id: ProfileOrderId) -> sqlx::Result<Option<ProfileOrder>> {
    sqlx::query_as(orders!("p.id = $1")).bind(id).fetch_optional(executor).await
}

/// The newest first.
pub async fn of_line(pool: &PgPool, line: LineId) -> sqlx::Result<Vec<ProfileOrder>> {
    sqlx::query_as(orders!("p.line_id = $1 order by p.requested_at desc limit 10")).bind(line).fetch_all(pool).await
}

/// How many a line's customers have asked for since.
pub async fn asked_since(executor: impl PgExecutor<'_>, line: LineId, since: OffsetDateTime) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from profile_orders where line_id = $1 and actor_role = 'customer' and requested_at > $2",
    )
    .bind(line)
    .bind(since)
    .fetch_one(executor)
    .await
}

/// Whether an order for the line is neither delivered nor given up.
pub async fn has_open_order(executor: impl PgExecutor<'_>, line: LineId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from orders where line_id = $1 and status in ('awaiting_payment', 'paid'))",
    )
    .bind(line)
    .fetch_one(executor)
    .await
}

/// Whether a profile for the line is on its way.
pub async fn is_under_way(executor: impl PgExecutor<'_>, line: LineId) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from profile_orders where line_id = $1 and finished_at is null)")
        .bind(line)
        .fetch_one(executor)
        .await
}

pub struct NewOrder<'a> {
    pub line: LineId,
    pub account: AccountId,
    pub purpose: &'a str,
    pub eid: Option<&'a str>,
    pub old_iccid: &'a str,
    pub matching_id: &'a str,
    pub confirmation_code: Option<&'a str>,
    pub actor: Actor<'a>,
    pub reason: Option<&'a str>,
}

/// `None`: another one of the line has not ended.
pub async fn insert(
    conn: &mut PgConnection,
    new: &NewOrder<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<Option<ProfileOrderId>> {
    sqlx::query_scalar(
        "insert into profile_orders (id, line_id, account_id, purpose, eid, old_iccid, matching_id, confirmation_code,
           actor_id, actor_role, reason, requested_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing returning id",
    )
    .bind(ProfileOrderId::new())
    .bind(new.line)
    .bind(new.account)
    .bind(new.purpose)
    .bind(new.eid)
    .bind(new.old_iccid)
    .bind(new.matching_id)
    .bind(new.confirmation_code)
    .bind(new.actor.id)
    .bind(new.actor.role)
    .bind(new.reason)
    .bind(now)
    .fetch_optional(conn)
    .await
}

/// Notes that the call of this state goes out now. False where the order has moved on.
pub async fn mark_sent(executor: impl PgExecutor<'_>, order: &ProfileOrder, now: OffsetDateTime) -> sqlx::Result<bool> {
    let marked = sqlx::query(
        "update profile_orders set sent_at = coalesce(sent_at, $3), tries = tries + 1 where id = $1 and state = $2",
    )
    .bind(order.id)
    .bind(order.state.as_str())
    .bind(now)
    .execute(executor)
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// The call of this state surely did nothing.
pub async fn unmark_sent(conn: &mut PgConnection, order: &ProfileOrder) -> sqlx::Result<()> {
    sqlx::query("update profile_orders set sent_at = null where id = $1 and state = $2")
        .bind(order.id)
        .bind(order.state.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Where an order has come to, and what it knows there.
pub struct Step {
    pub state: State,
    pub freed: bool,
    pub iccid: Option<String>,
    pub activation_code: Option<String>,
    pub refusal: Option<String>,
}

/// False where the order has moved on meanwhile.
pub async fn record(
    conn: &mut PgConnection,
    order: &ProfileOrder,
    step: &Step,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let recorded = sqlx::query(
        "update profile_orders set state = $3, freed = $4, iccid = coalesce($5, iccid),
                activation_code = coalesce($6, activation_code), refusal = coalesce($7, refusal), sent_at = null,
                released_at = case when $8 then coalesce(released_at, $10) else released_at end,
                finished_at = case when $9 then $10 end
         where id = $1 and state = $2",
    )
    .bind(order.id)
    .bind(order.state.as_str())
    .bind(step.state.as_str())
    .bind(step.freed)
    .bind(&step.iccid)
    .bind(&step.activation_code)
    .bind(&step.refusal)
    .bind(step.state.is_ready())
    .bind(step.state.has_ended())
    .bind(now)
    .execute(conn)
    .await?;
    Ok(recorded.rows_affected() == 1)
}

/// The codes and devices of a former holder.
pub async fn forget(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query(
        "update profile_orders set eid = null, matching_id = '', confirmation_code = null,
                activation_code = case when activation_code is not null then '' end
         where account_id = $1 and finished_at is not null",
    )
    .bind(account)
    .execute(conn)
    .await
    .map(drop)
}
