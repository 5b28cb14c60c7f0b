use super::effect::{Effect, PlanTerm};
use super::term::{Term, TermError};
use crate::lang::Lang;
use crate::money::{Currency, Money};
use crate::plans::allowance::Allowance;
use crate::units::Data;

/// What can be bought for a line.
#[derive(Clone, Debug)]
pub struct Plan {
    pub code: String,
    pub carrier: String,
    /// `fm_card`, `esim` or both.
    pub kinds: Vec<String>,
    pub name_zh: String,
    pub name_en: String,
    pub term: Term,
    pub allowance: Allowance,
    /// ISO 3166 codes; `*` is everywhere.
    pub coverage: Vec<String>,
    pub price: Money,
    pub effect: Effect,
    /// What the carrier calls it.
    pub carrier_product: String,
    pub withdrawn: bool,
}

impl Plan {
    pub fn name(&self, language: Lang) -> &str {
        match language {
            Lang::Zh => &self.name_zh,
            Lang::En => &self.name_en,
        }
    }

    pub fn term_given(&self) -> PlanTerm {
        PlanTerm { term: self.term, allowance: self.allowance, below_minimum: false }
    }

    /// Whether it can be bought for a line of this carrier and kind.
    pub fn fits(&self, carrier: &str, kind: &str) -> bool {
        !self.withdrawn && self.carrier == carrier && self.kinds.iter().any(|sold_for| sold_for == kind)
    }

    pub fn roams(&self) -> bool {
        self.coverage.len() > 1 || self.coverage.iter().any(|code| code == "*")
    }
}

/// A row of `plans`; the columns other slices may join for reading.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct PlanRow {
    pub code: String,
    pub carrier: String,
    pub kinds: Vec<String>,
    pub name_zh: String,
    pub name_en: String,
    pub term_unit: String,
    pub term_count: i32,
    pub data_unlimited: bool,
    pub data_bytes: Option<i64>,
    pub minutes: i32,
    pub sms: i32,
    pub coverage: Vec<String>,
    pub price_minor: i64,
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    #[sqlx(try_from = "String")]
    pub effect: Effect,
    pub carrier_product: String,
    pub withdrawn: bool,
}

impl TryFrom<PlanRow> for Plan {
    type Error = TermError;

    fn try_from(row: PlanRow) -> Result<Self, TermError> {
        let data = match row.data_bytes {
            _ if row.data_unlimited => Data::Unlimited,
            Some(bytes) => Data::Bytes(bytes),
            None => Data::None,
        };
        Ok(Self {
            term: Term::of(row.term_count, &row.term_unit)?,
            allowance: Allowance { data, minutes: Some(row.minutes.into()), sms: Some(row.sms.into()) },
            price: Money::new(row.price_minor, row.currency),
            code: row.code,
            carrier: row.carrier,
            kinds: row.kinds,
            name_zh: row.name_zh,
            name_en: row.name_en,
            coverage: row.coverage,
            effect: row.effect,
            carrier_product: row.carrier_product,
            withdrawn: row.withdrawn,
        })
    }
}
