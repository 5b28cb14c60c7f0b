//! Lines as their holder's pages show them: with the plan's and the carrier's name and the order that is open for them.

use super::listing::{self, ListedOrder};
use crate::ids::{AccountId, LineId, OrderId};
use crate::lang::Lang;
use crate::lines::line_columns;
use crate::lines::model::Line;
use crate::orders::model::OrderStatus;
use crate::plans::effect::Effect;
use sqlx::{PgConnection, PgPool};
use time::{Date, OffsetDateTime};

#[derive(sqlx::FromRow, Clone, Debug)]
pub struct HeldLine {
    #[sqlx(flatten)]
    pub line: Line,
    plan_zh: String,
    plan_en: String,
    /// Of the plan the line has now.
    #[sqlx(try_from = "String")]
    pub effect: Effect,
    carrier_zh: String,
    carrier_en: String,
    plan_minutes: i32,
    plan_sms: i32,
    pub next_from: Option<Date>,
    next_zh: Option<String>,
    next_en: Option<String>,
    pub open_order: Option<OrderId>,
    pub open_plan: Option<String>,
    pub open_status: Option<OrderStatus>,
}

impl HeldLine {
    pub fn plan_name(&self, language: Lang) -> &str {
        if language.is_chinese() { &self.plan_zh } else { &self.plan_en }
    }

    /// Minutes and messages worth a word: what is left, or that nothing of what the plan has is.
    pub fn minutes_left(&self) -> Option<i32> {
        self.line.minutes_left.filter(|left| *left > 0 || self.plan_minutes > 0)
    }

    pub fn sms_left(&self) -> Option<i32> {
        self.line.sms_left.filter(|left| *left > 0 || self.plan_sms > 0)
    }

    /// The plan of a term that is paid for and has not begun.
    pub fn next_plan(&self, language: Lang) -> Option<&str> {
        if language.is_chinese() { self.next_zh.as_deref() } else { self.next_en.as_deref() }
    }

    pub fn carrier_name(&self, language: Lang) -> &str {
        if language.is_chinese() { &self.carrier_zh } else { &self.carrier_en }
    }
}

// The `limit 1` is there for the planner: without it a plan made while few orders were open reads all that are open, for ever.
/// `$now` is the placeholder of the present moment.
macro_rules! held_lines {
    ($now:literal) => {
        concat!(
            "select ",
            line_columns!(),
            ", lp.name_zh as plan_zh, lp.name_en as plan_en, lp.effect, c.name_zh as carrier_zh, c.name_en as carrier_en,
             lp.minutes as plan_minutes, lp.sms as plan_sms, nx.promised_from as next_from, nx.plan_zh as next_zh, nx.plan_en as next_en,
             oo.id as open_order, oo.plan as open_plan, oo.status as open_status
             from lines l join plans lp on lp.code = l.plan join carriers c on c.code = l.carrier
             left join lateral (select id, plan, status from orders
               where line_id = l.id and status in ('awaiting_payment', 'paid') limit 1) oo on true
             left join lateral (
               select o.promised_from, o.plan_zh, o.plan_en from orders o
               where o.line_id = l.id and o.status = 'fulfilled' and o.effect = 'queue'
                 and o.promised_from > (", $now, "::timestamptz at time zone l.time_zone)::date
               order by o.promised_from limit 1) nx on true
             where l.account_id = $1 and l.ended_at is null"
        )
    };
}

/// The line if this account holds it.
pub async fn line(
    pool: &PgPool,
    line: LineId,
    account: AccountId,
    now: OffsetDateTime,
) -> sqlx::Result<Option<HeldLine>> {
    sqlx::query_as(concat!(held_lines!("$3"), " and l.id = $2"))
        .bind(account)
        .bind(line)
        .bind(now)
        .fetch_optional(pool)
        .await
}

/// Everything on the personal centre: the lines by their last day, and the newest orders.
pub async fn of_account(
    conn: &mut PgConnection,
    account: AccountId,
    now: OffsetDateTime,
) -> sqlx::Result<(Vec<HeldLine>, Vec<ListedOrder>)> {
    let lines = sqlx::query_as(concat!(held_lines!("$2"), " order by l.valid_until, l.id"))
        .bind(account)
        .bind(now)
        .fetch_all(&mut *conn)
        .await?;
    Ok((lines, listing::newest(conn, account).await?))
}
