use sqlx::{PgExecutor, PgPool};
use time::OffsetDateTime;

use super::queries;
use crate::money::{Currency, Money};
use crate::plans::allowance::Allowance;
use crate::plans::term::Term;
use crate::units::Data;

/// An offer as the carrier made it last.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct KnownOffer {
    pub id: i64,
    pub carrier: String,
    pub product: String,
    pub title: String,
    cost_minor: Option<i64>,
    cost_currency: Option<String>,
    term_unit: Option<String>,
    term_count: Option<i32>,
    data_unlimited: bool,
    data_bytes: Option<i64>,
    pub minutes: Option<i32>,
    pub sms: Option<i32>,
    pub coverage: Vec<String>,
    pub effect: Option<String>,
    pub seen_at: OffsetDateTime,
}

impl KnownOffer {
    pub fn cost(&self) -> Option<Money> {
        let currency = Currency::parse(self.cost_currency.as_deref()?).ok()?;
        Some(Money::new(self.cost_minor?, currency))
    }

    pub fn term(&self) -> Option<Term> {
        Term::of(self.term_count?, self.term_unit.as_deref()?).ok()
    }

    pub fn allowance(&self) -> Allowance {
        Allowance {
            data: Data::stored(self.data_unlimited, self.data_bytes),
            minutes: self.minutes.map(i64::from),
            sms: self.sms.map(i64::from),
        }
    }
}

/// Offers that no plan sells yet and nobody turned down, the newest first.
pub async fn drafts(pool: &PgPool) -> sqlx::Result<Vec<KnownOffer>> {
    queries::drafts(pool).await
}

/// Offers somebody turned down and the carrier still sells, the latest first.
pub async fn dismissed(pool: &PgPool) -> sqlx::Result<Vec<KnownOffer>> {
    queries::dismissed(pool).await
}

pub async fn draft(db: impl PgExecutor<'_>, id: i64) -> sqlx::Result<Option<KnownOffer>> {
    queries::draft(db, id).await
}
