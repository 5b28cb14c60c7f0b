//! When a line is asked after again. Pure: a carrier's limits, how the line stands, and a little chance.

use std::time::Duration as StdDuration;

use time::{Duration, OffsetDateTime};

use crate::calendar;
use crate::carriers::UsageLimits;
use crate::lines::Watched;
use crate::lines::model::Standing;
use crate::units::Data;

/// How long a renewal is worth a closer look.
const FRESH: Duration = Duration::DAY;
/// Days before the end from which each hour counts.
const ENDING: i64 = 3;
const LONG_LAPSED: i64 = 30;
/// Of what there was, in percent.
const LOW: i64 = 10;
/// Of a carrier's limit; the rest is for people who ask now.
const SHARE: u64 = 80;

/// Lines that are asked after equally often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    JustRenewed,
    Ending,
    LowOnData,
    InUse,
    Suspended,
    Lapsed,
    LongLapsed,
}

impl Class {
    pub const ALL: [Self; 7] = [
        Self::JustRenewed,
        Self::Ending,
        Self::LowOnData,
        Self::InUse,
        Self::Suspended,
        Self::Lapsed,
        Self::LongLapsed,
    ];

    pub fn of(held: &Watched, now: OffsetDateTime) -> Self {
        let line = &held.line;
        let days_left = calendar::days_between(line.today(now), line.valid_until);
        match line.standing(now) {
            Standing::Lapsed(days) if days > LONG_LAPSED => Self::LongLapsed,
            _ if line.status == "terminated" => Self::LongLapsed,
            _ if held.renewed_at.is_some_and(|at| now - at < FRESH) => Self::JustRenewed,
            Standing::Lapsed(_) => Self::Lapsed,
            Standing::Suspended => Self::Suspended,
            _ if days_left <= ENDING => Self::Ending,
            _ if is_low(line.left().data, line.data_total_bytes) => Self::LowOnData,
            _ => Self::InUse,
        }
    }

    /// How often it is asked after where the carrier's limits allow it.
    pub fn wanted(self) -> Duration {
        match self {
            Self::JustRenewed => Duration::hours(3),
            Self::Ending => Duration::hours(4),
            Self::LowOnData => Duration::hours(6),
            Self::InUse => Duration::hours(24),
            Self::Suspended => Duration::days(3),
            Self::Lapsed => Duration::days(7),
            Self::LongLapsed => Duration::days(30),
        }
    }

    /// Who goes first when not all can be asked: 0, then 1, then 2.
    pub fn rank(self) -> i16 {
        match self {
            Self::JustRenewed | Self::Ending | Self::LowOnData => 0,
            Self::InUse | Self::Suspended => 1,
            Self::Lapsed | Self::LongLapsed => 2,
        }
    }

    /// Never more often than the carrier allows for one line, nor than its figures change.
    pub fn interval(self, limits: &UsageLimits) -> Duration {
        self.wanted().max(span(limits.per_line)).max(span(limits.lag))
    }
}

fn is_low(left: Data, total: Option<i64>) -> bool {
    match (left, total) {
        (Data::Bytes(left), Some(total)) => left <= total / 100 * LOW,
        (Data::Bytes(left), None) => left == 0,
        _ => false,
    }
}

pub fn span(length: StdDuration) -> Duration {
    Duration::try_from(length).unwrap_or(Duration::DAY)
}

/// The next time: an eighth earlier or later by chance, so that what was asked together does not stay together.
pub fn next(class: Class, limits: &UsageLimits, chance: u8, now: OffsetDateTime) -> OffsetDateTime {
    let interval = class.interval(limits);
    let spread: Duration = interval * (i32::from(chance) - 128) / 1_024;
    let pause: Duration = interval + spread;
    now + pause.max(span(limits.per_line))
}

/// As soon as another answer can say more.
pub fn soon(limits: &UsageLimits, now: OffsetDateTime) -> OffsetDateTime {
    now + span(limits.per_line).max(span(limits.lag)).max(Duration::MINUTE)
}

/// After an answer that could not be had: soon, then ever later, at most as late as an answer would have made it.
pub fn after_failure(
    class: Class,
    limits: &UsageLimits,
    failures: i32,
    chance: u8,
    now: OffsetDateTime,
) -> OffsetDateTime {
    let pause = Duration::minutes(5) * (1i32 << failures.clamp(0, 12));
    let pause = pause.min(class.interval(limits).max(Duration::DAY)).max(span(limits.per_line));
    now + pause + pause * i32::from(chance) / 1_024
}

/// How many of a rank's due lines are asked now. An eighth of the room is each rank's own; what it leaves goes by rank.
pub fn shares(room: usize, due: [usize; 3]) -> [usize; 3] {
    let own = room.div_ceil(8).min(room / 3);
    let mut shares = due.map(|due| due.min(own));
    for rank in 0..3 {
        let left = room - shares.iter().sum::<usize>();
        shares[rank] += left.min(due[rank] - shares[rank]);
    }
    shares
}

/// How many lines a round may ask after.
pub fn room(limits: &UsageLimits, period: Duration) -> usize {
    let seconds = u64::try_from(period.whole_seconds()).unwrap_or_default();
    usize::try_from((u64::from(limits.per_minute) * SHARE * seconds / 6_000).max(1)).unwrap_or(1)
}

/// One class of many lines: how often each is asked after in the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    pub class: Class,
    pub lines: u64,
    pub interval: Duration,
    pub a_day: u64,
}

/// What so many lines of each class come to within a carrier's limits, by the same rule as [`shares`].
pub fn forecast(lines: &[(Class, u64)], limits: &UsageLimits) -> Vec<Forecast> {
    let capacity = u64::from(limits.per_minute) * 1_440 * SHARE / 100;
    let wish = |class: Class, lines: u64| (lines * 86_400).div_ceil(seconds(class.interval(limits)));
    let mut wished = [0u64; 3];
    for (class, lines) in lines {
        wished[usize::from(class.rank().unsigned_abs())] += wish(*class, *lines);
    }
    let in_thousands = wished.map(|wished| usize::try_from(wished).unwrap_or(usize::MAX / 4));
    let given = shares(usize::try_from(capacity).unwrap_or(usize::MAX), in_thousands);
    let of = |&(class, lines): &(Class, u64)| {
        let rank = usize::from(class.rank().unsigned_abs());
        let (wished, given) = (wished[rank].max(1), (given[rank] as u64).max(1));
        let stretched = u128::from(seconds(class.interval(limits))) * u128::from(wished) / u128::from(given);
        let interval = Duration::seconds(i64::try_from(stretched).unwrap_or(i64::MAX)).max(class.interval(limits));
        Forecast { class, lines, interval, a_day: (lines * 86_400).div_ceil(seconds(interval)) }
    };
    lines.iter().map(of).collect()
}

fn seconds(length: Duration) -> u64 {
    u64::try_from(length.whole_seconds()).unwrap_or_default().max(1)
}

#[cfg(test)]
mod tests;
