//! Lines as their holder's pages show them: with the plan's and the carrier's name and the order that is open for them.

use super::listing::{self, ListedOrder};
use crate::ids::{AccountId, LineId, OrderId};
use crate::lang::Lang;
use crate::lines::line_columns;
use crate::lines::model::Line;
use crate::orders::model::OrderStatus;
use crate::orders::standing::Standing;
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
    /// The order that waits for its money or for the carrier.
    #[sqlx(skip)]
    open: Option<ListedOrder>,
    /// The order whose term is paid for and has not begun.
    #[sqlx(skip)]
    next: Option<ListedOrder>,
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

    pub fn open_order(&self) -> Option<OrderId> {
        self.open.as_ref().map(|order| order.id)
    }

    pub fn open_plan(&self) -> Option<&str> {
        self.open.as_ref().map(|order| order.plan.as_str())
    }

    pub fn open_status(&self) -> Option<OrderStatus> {
        self.open.as_ref().map(|order| order.facts.status)
    }

    /// Nothing is paid of the open order, and nothing happens until the customer pays.
    pub fn open_awaits_customer(&self, now: OffsetDateTime) -> bool {
        self.open.as_ref().is_some_and(|order| Standing::of(&order.facts, now).awaits_customer())
    }

    /// The first day of a term that is paid for and has not begun.
    pub fn next_from(&self) -> Option<Date> {
        self.next.as_ref().map(|order| order.promised_from)
    }

    /// The plan of that term.
    pub fn next_plan(&self, language: Lang) -> Option<&str> {
        self.next.as_ref().map(|order| if language.is_chinese() { order.plan_zh.as_str() } else { &order.plan_en })
    }

    pub fn carrier_name(&self, language: Lang) -> &str {
        if language.is_chinese() { &self.carrier_zh } else { &self.carrier_en }
    }
}

impl HeldLine {
    fn with(mut self, orders: &[ListedOrder], now: OffsetDateTime) -> Self {
        let today = self.line.today(now);
        let mine = || orders.iter().filter(|order| order.line_id == Some(self.line.id));
        self.open = mine().find(|order| order.is_open(now)).cloned();
        self.next = mine().filter(|order| order.begins_after(today)).min_by_key(|order| order.promised_from).cloned();
        self
    }
}

macro_rules! held_lines {
    () => {
        concat!(
            "select ",
            line_columns!(),
            ", lp.name_zh as plan_zh, lp.name_en as plan_en, lp.effect, c.name_zh as carrier_zh, c.name_en as carrier_en,
             lp.minutes as plan_minutes, lp.sms as plan_sms
             from lines l join plans lp on lp.code = l.plan join carriers c on c.code = l.carrier
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
    let mut conn = pool.acquire().await?;
    let held: Option<HeldLine> = sqlx::query_as(concat!(held_lines!(), " and l.id = $2"))
        .bind(account)
        .bind(line)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(held) = held else { return Ok(None) };
    let orders = listing::current(&mut conn, account, 0, yesterday(now)).await?;
    Ok(Some(held.with(&orders, now)))
}

/// Everything on the personal centre: the lines by their last day, and the newest orders.
pub async fn of_account(
    conn: &mut PgConnection,
    account: AccountId,
    now: OffsetDateTime,
) -> sqlx::Result<(Vec<HeldLine>, Vec<ListedOrder>)> {
    let lines: Vec<HeldLine> = sqlx::query_as(concat!(held_lines!(), " order by l.valid_until, l.id"))
        .bind(account)
        .fetch_all(&mut *conn)
        .await?;
    let mut orders = listing::current(conn, account, NEWEST, yesterday(now)).await?;
    let lines = lines.into_iter().map(|held| held.with(&orders, now)).collect();
    orders.truncate(NEWEST as usize);
    Ok((lines, orders))
}

/// Orders on the personal centre.
const NEWEST: i64 = 5;

/// No zone's today is before it.
fn yesterday(now: OffsetDateTime) -> Date {
    let today = now.date();
    today.previous_day().unwrap_or(today)
}
