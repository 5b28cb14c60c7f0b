use crate::money::{Currency, Money};
use crate::plans::model::{Plan, PlanRow};
use crate::plans::plan_columns;
use sqlx::PgPool;

/// A plan with what keeps it from being sold.
pub struct Listed {
    pub plan: Plan,
    pub cost: Option<Money>,
    /// It earns too little.
    pub withheld: bool,
    /// The carrier sells its product no more.
    pub gone: bool,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    plan: PlanRow,
    cost_minor: Option<i64>,
    cost_currency: Option<String>,
    withheld: bool,
    gone: bool,
}

impl TryFrom<ListedRow> for Listed {
    type Error = anyhow::Error;

    fn try_from(row: ListedRow) -> anyhow::Result<Self> {
        let currency = row.cost_currency.as_deref().map(Currency::parse).transpose()?;
        let cost = row.cost_minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency));
        Ok(Self { plan: row.plan.try_into()?, cost, withheld: row.withheld, gone: row.gone })
    }
}

pub struct Wanted<'a> {
    /// A part of a code, a name or a carrier's product; empty is everything.
    pub q: &'a str,
    /// Empty is every carrier.
    pub carrier: &'a str,
    pub most: i64,
    pub skipped: i64,
}

macro_rules! listed {
    ($rest:literal) => {
        concat!(
            "select ",
            plan_columns!(),
            ", o.cost_minor, o.cost_currency, coalesce(o.gone_at is not null, false) as gone,
               exists (select from carrier_alerts a where a.carrier = p.carrier and a.product = p.carrier_product
                         and a.kind = 'margin' and a.closed_at is null) as withheld
             from plans p left join carrier_offers o on o.carrier = p.carrier and o.product = p.carrier_product ",
            $rest
        )
    };
}

pub async fn list(pool: &PgPool, wanted: Wanted<'_>) -> anyhow::Result<Vec<Listed>> {
    let rows: Vec<ListedRow> = sqlx::query_as(listed!(
        "where ($1 = '' or p.carrier = $1)
           and ($2 = '' or position(lower($2) in lower(concat_ws(' ', p.code, p.name_zh, p.name_en, p.carrier_product))) > 0)
         order by p.withdrawn_at is not null, p.carrier, p.code limit $3 offset $4"
    ))
    .bind(wanted.carrier)
    .bind(wanted.q)
    .bind(wanted.most)
    .bind(wanted.skipped)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Listed::try_from).collect()
}

pub async fn by_code(pool: &PgPool, code: &str) -> anyhow::Result<Option<Listed>> {
    let row: Option<ListedRow> = sqlx::query_as(listed!("where p.code = $1")).bind(code).fetch_optional(pool).await?;
    row.map(Listed::try_from).transpose()
}
