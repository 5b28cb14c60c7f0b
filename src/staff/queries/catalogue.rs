use crate::catalogue::Rule;
use crate::money::Currency;
use crate::plans::pricing::PricingRule;
use sqlx::PgPool;
use time::OffsetDateTime;

#[derive(sqlx::FromRow)]
pub struct CarrierRow {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub plans: i64,
    pub offers: i64,
    /// When its catalogue was read last.
    pub seen_at: Option<OffsetDateTime>,
}

pub async fn carriers(pool: &PgPool) -> sqlx::Result<Vec<CarrierRow>> {
    sqlx::query_as(
        "select c.code, c.name_zh, c.name_en, o.offers, o.seen_at,
                (select count(*) from plans p where p.carrier = c.code and p.withdrawn_at is null) as plans
         from carriers c
           cross join lateral (select count(*) filter (where gone_at is null) as offers, max(seen_at) as seen_at
                               from carrier_offers where carrier = c.code) o
         order by c.code",
    )
    .fetch_all(pool)
    .await
}

#[derive(sqlx::FromRow)]
pub struct AlertRow {
    pub carrier: String,
    pub kind: String,
    pub product: String,
    pub detail: String,
    pub raised_at: OffsetDateTime,
}

pub async fn alerts(pool: &PgPool) -> sqlx::Result<Vec<AlertRow>> {
    sqlx::query_as(
        "select carrier, kind, product, detail, raised_at from carrier_alerts where closed_at is null order by raised_at limit 200",
    )
    .fetch_all(pool)
    .await
}

#[derive(sqlx::FromRow)]
struct RuleRow {
    carrier: String,
    #[sqlx(try_from = "String")]
    cost_currency: Currency,
    #[sqlx(try_from = "String")]
    currency: Currency,
    rate_millionths: i64,
    markup_bp: i32,
    step_minor: i64,
    less_minor: i64,
    minimum_margin_bp: i32,
}

pub async fn rules(pool: &PgPool) -> sqlx::Result<Vec<Rule>> {
    let rows: Vec<RuleRow> =
        sqlx::query_as("select * from pricing_rules order by carrier, cost_currency, currency").fetch_all(pool).await?;
    let rule = |row: RuleRow| Rule {
        carrier: row.carrier,
        cost_currency: row.cost_currency,
        currency: row.currency,
        pricing: PricingRule {
            rate_millionths: row.rate_millionths,
            markup_bp: row.markup_bp.unsigned_abs(),
            step_minor: row.step_minor,
            less_minor: row.less_minor,
            minimum_margin_bp: row.minimum_margin_bp.unsigned_abs(),
        },
    };
    Ok(rows.into_iter().map(rule).collect())
}
