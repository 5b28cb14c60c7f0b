use super::model::{Plan, PlanRow};
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
