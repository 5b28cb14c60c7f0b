use super::model::{Plan, PlanRow};
use sqlx::PgExecutor;

/// The plans sold for a carrier's lines of this kind, the current one of a line included if it was withdrawn.
pub async fn on_sale(executor: impl PgExecutor<'_>, carrier: &str, kind: &str) -> anyhow::Result<Vec<Plan>> {
    let rows: Vec<PlanRow> = sqlx::query_as(
        "select code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_unlimited, data_bytes, minutes, sms, coverage,
                price_minor, currency, effect, carrier_product, false as withdrawn
         from plans where carrier = $1 and $2 = any(kinds) and withdrawn_at is null
         order by term_unit = 'month', term_count, price_minor",
    )
    .bind(carrier)
    .bind(kind)
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

pub async fn by_code(executor: impl PgExecutor<'_>, code: &str) -> anyhow::Result<Option<Plan>> {
    let row: Option<PlanRow> = sqlx::query_as(
        "select code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_unlimited, data_bytes, minutes, sms, coverage,
                price_minor, currency, effect, carrier_product, withdrawn_at is not null as withdrawn
         from plans where code = $1",
    )
    .bind(code)
    .fetch_optional(executor)
    .await?;
    Ok(row.map(Plan::try_from).transpose()?)
}
