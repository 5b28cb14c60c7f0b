use super::model::{Plan, PlanRow};
use super::pricing::PricingRule;
use crate::money::Currency;
use sqlx::PgExecutor;

/// The columns of a [`PlanRow`], of `plans` as `p`.
macro_rules! plan_columns {
    () => {
        "p.code, p.carrier, p.kinds, p.name_zh, p.name_en, p.term_unit, p.term_count, p.data_unlimited, p.data_bytes, p.minutes, p.sms,
         p.coverage, p.price_minor, p.currency, p.effect, p.carrier_product, p.withdrawn_at is not null as withdrawn"
    };
}
pub(crate) use plan_columns;

/// The plans sold for a carrier's lines of this kind, the current one of a line included if it was withdrawn.
pub async fn on_sale(executor: impl PgExecutor<'_>, carrier: &str, kind: &str) -> anyhow::Result<Vec<Plan>> {
    let rows: Vec<PlanRow> = sqlx::query_as(concat!(
        "select ",
        plan_columns!(),
        " from plans p where carrier = $1 and $2 = any(kinds) and withdrawn_at is null
         order by term_unit = 'month', term_count, price_minor"
    ))
    .bind(carrier)
    .bind(kind)
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

pub async fn by_code(executor: impl PgExecutor<'_>, code: &str) -> anyhow::Result<Option<Plan>> {
    let row: Option<PlanRow> = sqlx::query_as(concat!("select ", plan_columns!(), " from plans p where code = $1"))
        .bind(code)
        .fetch_optional(executor)
        .await?;
    Ok(row.map(Plan::try_from).transpose()?)
}

#[derive(sqlx::FromRow)]
struct RuleRow {
    rate_millionths: i64,
    markup_bp: i32,
    step_minor: i64,
    less_minor: i64,
    minimum_margin_bp: i32,
}

/// How the operator prices what the carrier asks for in this currency.
pub async fn pricing_rule(
    executor: impl PgExecutor<'_>,
    carrier: &str,
    cost: Currency,
    price: Currency,
) -> sqlx::Result<Option<PricingRule>> {
    let row: Option<RuleRow> = sqlx::query_as(
        "select rate_millionths, markup_bp, step_minor, less_minor, minimum_margin_bp from pricing_rules
         where carrier = $1 and cost_currency = $2 and currency = $3",
    )
    .bind(carrier)
    .bind(cost.code())
    .bind(price.code())
    .fetch_optional(executor)
    .await?;
    Ok(row.map(|row| PricingRule {
        rate_millionths: row.rate_millionths,
        markup_bp: row.markup_bp.unsigned_abs(),
        step_minor: row.step_minor,
        less_minor: row.less_minor,
        minimum_margin_bp: row.minimum_margin_bp.unsigned_abs(),
    }))
}
