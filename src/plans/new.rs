use super::effect::Effect;
use super::model::Plan;
use super::term::Term;
use crate::money::Money;
use crate::plans::allowance::Allowance;

/// A plan that is about to be sold.
#[derive(Clone, Debug)]
pub struct NewPlan {
    pub code: String,
    pub carrier: String,
    pub kinds: Vec<String>,
    pub name_zh: String,
    pub name_en: String,
    pub term: Term,
    pub allowance: Allowance,
    pub coverage: Vec<String>,
    pub price: Money,
    pub effect: Effect,
    pub carrier_product: String,
}

impl From<NewPlan> for Plan {
    fn from(new: NewPlan) -> Self {
        let NewPlan {
            code,
            carrier,
            kinds,
            name_zh,
            name_en,
            term,
            allowance,
            coverage,
            price,
            effect,
            carrier_product,
        } = new;
        Self {
            code,
            carrier,
            kinds,
            name_zh,
            name_en,
            term,
            allowance,
            coverage,
            price,
            effect,
            carrier_product,
            withdrawn: false,
        }
    }
}
