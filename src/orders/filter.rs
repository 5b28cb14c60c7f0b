//! Which of the plans on sale are shown.

use crate::plans::model::Plan;
use crate::plans::term::Term;

/// What the links above the plans choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub length: Option<Length>,
    pub reach: Option<Reach>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    Month,
    Quarter,
    Year,
    Days,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Local,
    Roaming,
}

impl Length {
    pub const ALL: [Self; 4] = [Self::Month, Self::Quarter, Self::Year, Self::Days];

    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::Days => "days",
        }
    }

    fn of(term: Term) -> Self {
        match term {
            Term::Days(_) => Self::Days,
            Term::Months(..=2) => Self::Month,
            Term::Months(..=11) => Self::Quarter,
            Term::Months(_) => Self::Year,
        }
    }
}

impl Reach {
    pub const ALL: [Self; 2] = [Self::Local, Self::Roaming];

    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Roaming => "roaming",
        }
    }

    fn of(plan: &Plan) -> Self {
        if plan.roams() { Self::Roaming } else { Self::Local }
    }
}

impl Filter {
    /// From a query string; what it does not know it leaves out.
    pub fn parse(length: Option<&str>, reach: Option<&str>) -> Self {
        Self {
            length: Length::ALL.into_iter().find(|known| Some(known.name()) == length),
            reach: Reach::ALL.into_iter().find(|known| Some(known.name()) == reach),
        }
    }

    pub fn takes(&self, plan: &Plan) -> bool {
        self.length.is_none_or(|length| length == Length::of(plan.term))
            && self.reach.is_none_or(|reach| reach == Reach::of(plan))
    }

    /// As a query string.
    pub fn query(&self) -> String {
        let parts = [
            self.length.map(|length| format!("term={}", length.name())),
            self.reach.map(|reach| format!("where={}", reach.name())),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("&")
    }
}

/// The terms that are sold at all; a choice of one is no choice.
pub fn lengths(plans: &[Plan]) -> Vec<Length> {
    Length::ALL.into_iter().filter(|length| plans.iter().any(|plan| Length::of(plan.term) == *length)).collect()
}

pub fn reaches(plans: &[Plan]) -> Vec<Reach> {
    Reach::ALL.into_iter().filter(|reach| plans.iter().any(|plan| Reach::of(plan) == *reach)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_its_address() {
        for length in Length::ALL.map(Some).into_iter().chain([None]) {
            for reach in Reach::ALL.map(Some).into_iter().chain([None]) {
                let filter = Filter { length, reach };
                let query = filter.query();
                let value = |name: &str| {
                    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
                };
                assert_eq!(Filter::parse(value("term").as_deref(), value("where").as_deref()), filter);
            }
        }
        assert_eq!(Filter::parse(Some("<script>"), Some("")), Filter::default());
    }

    #[test]
    fn every_term_has_its_place() {
        for (term, length) in [
            (Term::Days(30), Length::Days),
            (Term::Months(1), Length::Month),
            (Term::Months(3), Length::Quarter),
            (Term::Months(6), Length::Quarter),
            (Term::Months(12), Length::Year),
            (Term::Months(24), Length::Year),
        ] {
            assert_eq!(Length::of(term), length, "{term:?}");
        }
    }
}
