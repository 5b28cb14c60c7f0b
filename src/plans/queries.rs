use super::model::{Plan, PlanRow};
use super::new::NewPlan;
use super::pricing::PricingRule;
use crate::money::Currency;
use sqlx::PgExecutor;
use time::OffsetDateTime;

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

/// False if another plan has this code.
pub async fn insert(executor: impl PgExecutor<'_>, plan: &NewPlan, now: OffsetDateTime) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "insert into plans (code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_unlimited, data_bytes,
           minutes, sms, coverage, price_minor, currency, effect, carrier_product, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) on conflict do nothing",
    )
    .bind(&plan.code)
    .bind(&plan.carrier)
    .bind(&plan.kinds)
    .bind(&plan.name_zh)
    .bind(&plan.name_en)
    .bind(plan.term.unit())
    .bind(i64::from(plan.term.count()))
    .bind(plan.allowance.data.is_unlimited())
    .bind(plan.allowance.data.bytes())
    .bind(plan.allowance.minutes.unwrap_or(0))
    .bind(plan.allowance.sms.unwrap_or(0))
    .bind(&plan.coverage)
    .bind(plan.price.minor)
    .bind(plan.price.currency.code())
    .bind(plan.effect.as_str())
    .bind(&plan.carrier_product)
    .bind(now)
    .execute(executor)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Takes the plans of these products off sale; returns their codes.
pub async fn withdraw(
    executor: impl PgExecutor<'_>,
    carrier: &str,
    products: &[String],
    now: OffsetDateTime,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "update plans set withdrawn_at = $3 where carrier = $1 and carrier_product = any($2) and withdrawn_at is null
         returning code",
    )
    .bind(carrier)
    .bind(products)
    .bind(now)
    .fetch_all(executor)
    .await
}

/// Takes one plan off sale, or puts it back where `withdrawn_at` is `None`; false if it stood so already.
pub async fn set_withdrawn(
    executor: impl PgExecutor<'_>,
    code: &str,
    withdrawn_at: Option<OffsetDateTime>,
) -> sqlx::Result<bool> {
    let changed = sqlx::query(
        "update plans set withdrawn_at = $2 where code = $1 and (withdrawn_at is null) <> ($2::timestamptz is null)",
    )
    .bind(code)
    .bind(withdrawn_at)
    .execute(executor)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Everything of a carrier that is on sale.
pub async fn of_carrier(executor: impl PgExecutor<'_>, carrier: &str) -> anyhow::Result<Vec<Plan>> {
    let rows: Vec<PlanRow> = sqlx::query_as(concat!(
        "select ",
        plan_columns!(),
        " from plans p where carrier = $1 and withdrawn_at is null"
    ))
    .bind(carrier)
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}
