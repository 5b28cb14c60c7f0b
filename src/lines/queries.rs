pub mod profile;
pub mod stock;
pub mod usage;

use super::model::Line;
use crate::ids::{AccountId, LineId, OrderId};
use crate::numbers::Msisdn;
use crate::plans::allowance::Allowance;
use sqlx::{PgConnection, PgExecutor};
use time::{Date, OffsetDateTime};

macro_rules! line_columns {
    () => {
        "l.id, l.account_id, l.kind, l.carrier, l.iccid, l.msisdn, l.carrier_line_id, l.eid, l.activation_code, l.confirmation_code, l.installed, l.installed_as_of, l.label, l.plan, l.status, l.time_zone,
         l.valid_from, l.valid_until, l.anchor_day, l.data_unlimited, l.data_total_bytes, l.data_left_bytes, l.minutes_left, l.sms_left,
         l.usage_as_of, l.asked_at, l.carrier_balance_minor, l.carrier_balance_currency"
    };
}
pub(crate) use line_columns;

/// The line if this account holds it; whose it is otherwise is nobody's business.
pub async fn held_by(executor: impl PgExecutor<'_>, line: LineId, account: AccountId) -> sqlx::Result<Option<Line>> {
    sqlx::query_as(concat!(
        "select ",
        line_columns!(),
        " from lines l where l.id = $1 and l.account_id = $2 and l.ended_at is null"
    ))
    .bind(line)
    .bind(account)
    .fetch_optional(executor)
    .await
}

/// What its holder calls it. False where this account holds no such line.
pub async fn set_label(db: impl PgExecutor<'_>, line: LineId, account: AccountId, label: &str) -> sqlx::Result<bool> {
    let labelled = sqlx::query("update lines set label = $3 where id = $1 and account_id = $2 and ended_at is null");
    Ok(labelled.bind(line).bind(account).bind(label).execute(db).await?.rows_affected() == 1)
}

/// Whether a number can be this account's on that day: it is no line of ours, or one that it holds and that is paid for.
pub async fn may_be_held(
    executor: impl PgExecutor<'_>,
    number: &Msisdn,
    account: AccountId,
    on: Date,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select coalesce(bool_or(account_id = $2 and ended_at is null and status = 'active' and valid_until >= $3), true)
         from lines where reverse(msisdn) = reverse($1)",
    )
    .bind(number.as_str())
    .bind(account)
    .bind(on)
    .fetch_one(executor)
    .await
}

/// The line of this account with that number or ICCID.
pub async fn held_as(executor: impl PgExecutor<'_>, account: AccountId, named: &str) -> sqlx::Result<Option<LineId>> {
    sqlx::query_scalar(
        "select id from lines where account_id = $1 and ended_at is null and $2 in (msisdn, iccid) limit 1",
    )
    .bind(account)
    .bind(named)
    .fetch_optional(executor)
    .await
}

/// The carriers whose lines somebody holds.
pub async fn carriers_of(executor: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("select distinct carrier from lines where account_id = $1 and ended_at is null order by carrier")
        .bind(account)
        .fetch_all(executor)
        .await
}

/// What hangs on the line is read after this, in a statement of its own: one that waits for the lock sees the rest as it
/// was before it waited.
pub async fn lock(conn: &mut PgConnection, line: LineId) -> sqlx::Result<Option<Line>> {
    sqlx::query_as(concat!(
        "select ",
        line_columns!(),
        " from lines l where l.id = $1 and l.ended_at is null for update"
    ))
    .bind(line)
    .fetch_optional(conn)
    .await
}

/// What a renewal leaves on the line.
pub struct Extension {
    pub order: OrderId,
    pub plan: String,
    pub valid_from: Date,
    pub valid_until: Date,
    pub anchor_day: i16,
    pub data_unlimited: bool,
    pub data_total_bytes: Option<i64>,
    pub data_left_bytes: Option<i64>,
    pub minutes_left: Option<i32>,
    pub sms_left: Option<i32>,
}

/// Moves the line and writes the ledger entry that explains it; the ledger takes one entry per order, ever.
pub async fn extend(conn: &mut PgConnection, line: &Line, to: Extension, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query(
        "insert into line_validities (line_id, entry, cause, order_id, valid_from, before_until, valid_until, anchor_day, recorded_at)
         select $1, max(entry) + 1, 'renewal', $2, $3, $4, $5, $6, $7 from line_validities where line_id = $1",
    )
    .bind(line.id)
    .bind(to.order)
    .bind(to.valid_from)
    .bind(line.valid_until)
    .bind(to.valid_until)
    .bind(to.anchor_day)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "update lines set plan = $2, valid_from = $3, valid_until = $4, anchor_day = $5, data_unlimited = $6, data_total_bytes = $7,
                data_left_bytes = $8, minutes_left = $9, sms_left = $10, usage_as_of = $11, version = version + 1,
                next_sync_at = least(next_sync_at, $11 + interval '15 minutes'), sync_rank = 0
         where id = $1",
    )
    .bind(line.id)
    .bind(to.plan)
    .bind(to.valid_from)
    .bind(to.valid_until)
    .bind(to.anchor_day)
    .bind(to.data_unlimited)
    .bind(to.data_total_bytes)
    .bind(to.data_left_bytes)
    .bind(to.minutes_left)
    .bind(to.sms_left)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives the line a plan's allowance, whole; its validity stays.
pub async fn start_plan(
    conn: &mut PgConnection,
    line: LineId,
    plan: &str,
    allowance: Allowance,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update lines set plan = $2, data_unlimited = $3, data_total_bytes = $4, data_left_bytes = $4, minutes_left = $5, sms_left = $6,
                usage_as_of = $7, version = version + 1
         where id = $1",
    )
    .bind(line)
    .bind(plan)
    .bind(allowance.data.is_unlimited())
    .bind(allowance.data.bytes())
    .bind(allowance.minutes)
    .bind(allowance.sms)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}
