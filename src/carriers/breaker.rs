//! Leaves a carrier alone that keeps failing, so that neither customers nor workers wait for it one after the other.

use time::{Duration, OffsetDateTime};

use super::CarrierError;

const FAILURES_IN_A_ROW: u32 = 5;
const FIRST_REST: Duration = Duration::seconds(5);
const LONGEST_REST: Duration = Duration::minutes(2);
/// While one tries whether the carrier is back, the others wait this long at most.
const PROBE: Duration = Duration::seconds(30);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
    rests: u32,
    resting_until: Option<OffsetDateTime>,
}

impl Breaker {
    /// Whether the carrier may be asked now; if not, when. After a rest one may try, and the rest wait for what it finds.
    pub fn allow(&mut self, now: OffsetDateTime) -> Result<(), OffsetDateTime> {
        match self.resting_until {
            Some(until) if now < until => Err(until),
            Some(_) => {
                self.resting_until = Some(now + PROBE);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// An answer of any content, a refusal included, shows that the carrier is there.
    pub fn heard<T>(&mut self, outcome: &Result<T, CarrierError>, now: OffsetDateTime, chance: u8) {
        match outcome {
            Ok(_) | Err(CarrierError::NoCredit | CarrierError::TooEarly(_)) => *self = Self::default(),
            Err(CarrierError::Busy(rest)) => self.resting_until = Some(now + *rest),
            Err(CarrierError::Unknown(_) | CarrierError::Unavailable(_) | CarrierError::Misconfigured(_)) => {
                self.failed(now, chance);
            }
        }
    }

    pub fn resting_until(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.resting_until.filter(|until| now < *until)
    }

    fn failed(&mut self, now: OffsetDateTime, chance: u8) {
        self.failures = self.failures.saturating_add(1);
        if self.failures < FAILURES_IN_A_ROW {
            return;
        }
        let rest = (FIRST_REST * (1i32 << self.rests.min(10))).min(LONGEST_REST);
        self.rests = self.rests.saturating_add(1);
        // Not every replica comes back in the same moment.
        self.resting_until = Some(now + rest + rest * i32::from(chance) / 1_024);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    fn down() -> Result<(), CarrierError> {
        Err(CarrierError::Unavailable("no connection".to_owned()))
    }

    fn tripped() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES_IN_A_ROW {
            breaker.allow(NOON).unwrap();
            breaker.heard(&down(), NOON, 0);
        }
        breaker
    }

    #[test]
    fn a_few_failures_change_nothing_and_an_answer_forgets_them() {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES_IN_A_ROW - 1 {
            breaker.heard(&down(), NOON, 0);
        }
        breaker.heard(&Ok(()), NOON, 0);
        breaker.heard(&down(), NOON, 0);
        assert_eq!(breaker.allow(NOON), Ok(()));
    }

    #[test]
    fn after_a_rest_one_tries_and_the_others_wait() {
        let mut breaker = tripped();
        let back = NOON + FIRST_REST;
        assert_eq!(breaker.allow(NOON), Err(back));
        assert_eq!(breaker.allow(back), Ok(()));
        assert_eq!(breaker.allow(back), Err(back + PROBE));
        breaker.heard(&Ok(()), back, 0);
        assert_eq!(breaker.allow(back), Ok(()));
    }

    #[test]
    fn a_carrier_whose_books_lag_is_there() {
        let mut breaker = Breaker::default();
        for _ in 0..2 * FAILURES_IN_A_ROW {
            breaker.heard::<()>(&Err(CarrierError::TooEarly(std::time::Duration::from_secs(60))), NOON, 0);
        }
        assert_eq!(breaker.allow(NOON), Ok(()));
    }

    #[test]
    fn rests_grow_to_a_limit() {
        let mut breaker = tripped();
        let mut now = NOON;
        let mut rests = Vec::new();
        for _ in 0..8 {
            let until = breaker.allow(now).unwrap_err();
            rests.push((until - now).whole_seconds());
            now = until;
            breaker.allow(now).unwrap();
            breaker.heard(&down(), now, 0);
        }
        assert_eq!(rests, [5, 10, 20, 40, 80, 120, 120, 120]);
    }

    #[test]
    fn who_says_when_to_come_back_is_believed_at_once() {
        let mut breaker = Breaker::default();
        breaker.heard::<()>(&Err(CarrierError::Busy(std::time::Duration::from_secs(90))), NOON, 0);
        assert_eq!(breaker.allow(NOON), Err(NOON + Duration::seconds(90)));
    }
}
