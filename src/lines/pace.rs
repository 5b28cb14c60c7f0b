use super::model::Line;
use crate::calendar;

/// A day or two says nothing about a month.
const FEWEST_DAYS: i64 = 3;

/// How much data was used in how many days of the current term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub bytes: i64,
    pub days: i64,
}

impl Pace {
    /// `None` where too little is known to go by.
    pub fn of(line: &Line) -> Option<Self> {
        let used = line.data_total_bytes?.checked_sub(line.data_left_bytes?)?;
        let counted_on = calendar::today(line.usage_as_of, &line.zone()).min(line.valid_until);
        let days = calendar::days_between(line.valid_from, counted_on) + 1;
        (used > 0 && days >= FEWEST_DAYS).then_some(Self { bytes: used, days })
    }

    pub fn a_month(&self) -> i64 {
        whole(i128::from(self.bytes) * 30, self.days)
    }

    /// How many days `bytes` last.
    pub fn lasts_days(&self, bytes: i64) -> i64 {
        whole(i128::from(bytes) * i128::from(self.days), self.bytes)
    }
}

fn whole(product: i128, by: i64) -> i64 {
    i64::try_from(product / i128::from(by.max(1))).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Pace;

    #[test]
    fn counts_whole_days_and_bytes() {
        let pace = Pace { bytes: 8_000, days: 20 };
        assert_eq!(pace.a_month(), 12_000);
        assert_eq!(pace.lasts_days(1_000), 2);
        assert_eq!(pace.lasts_days(0), 0);
        assert_eq!(Pace { bytes: 1, days: i64::MAX }.lasts_days(i64::MAX), i64::MAX);
    }
}
