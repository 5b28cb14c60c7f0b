//! Lines as their holder's pages show them: with the plan's and the carrier's name and the order that is open for them.

use super::listing::ListedOrder;
use super::recent::RecentOrder;
use crate::ids::{AccountId, LineId, OrderId};
use crate::lang::Lang;
use crate::lines::line_columns;
use crate::lines::model::Line;
use crate::orders::model::OrderStatus;
use crate::plans::effect::Effect;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgPool, Row};

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
    pub open_order: Option<OrderId>,
    pub open_plan: Option<String>,
    pub open_status: Option<OrderStatus>,
}

impl HeldLine {
    pub fn plan_name(&self, language: Lang) -> &str {
        if language.is_chinese() { &self.plan_zh } else { &self.plan_en }
    }

    pub fn carrier_name(&self, language: Lang) -> &str {
        if language.is_chinese() { &self.carrier_zh } else { &self.carrier_en }
    }
}

macro_rules! held_lines {
    () => {
        concat!(
            "select ",
            line_columns!(),
            ", lp.name_zh as plan_zh, lp.name_en as plan_en, lp.effect, c.name_zh as carrier_zh, c.name_en as carrier_en,
             oo.id as open_order, oo.plan as open_plan, oo.status as open_status
             from lines l join plans lp on lp.code = l.plan join carriers c on c.code = l.carrier
             left join orders oo on oo.line_id = l.id and oo.status in ('awaiting_payment', 'paid')
             where l.account_id = $1 and l.ended_at is null"
        )
    };
}

/// The line if this account holds it.
pub async fn line(pool: &PgPool, line: LineId, account: AccountId) -> sqlx::Result<Option<HeldLine>> {
    sqlx::query_as(concat!(held_lines!(), " and l.id = $2")).bind(account).bind(line).fetch_optional(pool).await
}

/// Everything on the personal centre, read at once: lines beside the newest orders, row by row.
pub async fn of_account(pool: &PgPool, account: AccountId) -> sqlx::Result<(Vec<HeldLine>, Vec<ListedOrder>)> {
    let rows = sqlx::query(concat!(
        "select * from (select *, row_number() over (order by valid_until, id) as n from (",
        held_lines!(),
        ") held) lines full join (",
        super::recent::recent_orders!(),
        ") recent using (n) order by n"
    ))
    .bind(account)
    .fetch_all(pool)
    .await?;
    let recent: Vec<RecentOrder> = side(&rows, "o_id")?;
    Ok((side(&rows, "id")?, recent.into_iter().map(ListedOrder::from).collect()))
}

/// The rows whose `key` is there, as one of the two sides reads them.
fn side<'r, T: FromRow<'r, PgRow>>(rows: &'r [PgRow], key: &str) -> sqlx::Result<Vec<T>> {
    let there = |row: &&PgRow| row.try_get::<Option<uuid::Uuid>, _>(key).is_ok_and(|id| id.is_some());
    rows.iter().filter(there).map(T::from_row).collect()
}
