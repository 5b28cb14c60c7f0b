//! "Renew now or wait?": from the end date, what is left, how fast it goes, and what the plan's effect would do to it.

use super::model::{Line, Standing};
use super::pace::Pace;
use crate::calendar;
use crate::i18n::Arg;
use crate::lang::Lang;
use crate::plans::effect::Effect;
use crate::units::Data;
use time::{Date, OffsetDateTime};

/// Long enough lapsed for a carrier to have given the number to somebody else.
const NUMBER_AT_RISK_AFTER: i64 = 90;
/// With so few days left, being cut off weighs more than the days an early renewal gives up.
const TOO_CLOSE: i64 = 2;
/// Data that lasts no longer than this is worth a word.
const RUNNING_LOW: i64 = 3;

/// What the answer is made from.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    pub standing: Standing,
    pub until: Date,
    /// Days from today to the last day; today does not count.
    pub days_left: i64,
    pub data: Data,
    pub pace: Option<Pace>,
    /// Of the plan the line has, taken to be the one it is renewed with.
    pub effect: Effect,
    pub order_open: bool,
    /// The first day of a term that is paid for and has not begun.
    pub next_start: Option<Date>,
}

/// The answer. `start` is the first day of a term that is bought now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    OrderOpen,
    Suspended,
    /// The next term is paid for; its data comes with it.
    Renewed {
        start: Date,
    },
    Lapsed,
    LapsedLong,
    LastDay,
    /// Few days are left, and waiting for the last one would risk being cut off.
    CloseToEnd {
        days: i64,
    },
    /// Few days are left, and renewing now gives up none of them.
    NothingLost {
        effect: Effect,
        end: Date,
        start: Date,
    },
    DataLow {
        days: i64,
    },
    DataUsedUp,
    /// Data is low; renewing brings new data and gives up days.
    DataLowAtTheCostOf {
        days: i64,
    },
    /// Data is low, and what is bought now comes only with the next term.
    DataLowUntil {
        start: Date,
    },
    /// Renewing now would give up days, and with some effects data.
    Wait {
        effect: Effect,
        days: i64,
    },
    NoHurryUnlimited,
    NoHurry,
}

impl Question {
    pub fn of(line: &Line, effect: Effect, order_open: bool, next_start: Option<Date>, now: OffsetDateTime) -> Self {
        let today = line.today(now);
        Self {
            standing: line.standing(now),
            until: line.valid_until,
            days_left: line.validity().days_left(today).min(calendar::days_between(today, line.valid_until)).max(0),
            data: line.left().data,
            pace: Pace::of(line),
            effect,
            order_open,
            next_start,
        }
    }

    pub fn answer(&self) -> Advice {
        match self.standing {
            _ if self.order_open => Advice::OrderOpen,
            Standing::Suspended => Advice::Suspended,
            Standing::Lapsed(days) if days > NUMBER_AT_RISK_AFTER => Advice::LapsedLong,
            Standing::Lapsed(_) => Advice::Lapsed,
            Standing::Today => Advice::LastDay,
            Standing::Soon(_) => self.running_low().unwrap_or_else(|| self.by_the_end_date()),
            _ => self.renewed().or_else(|| self.running_low()).unwrap_or_else(|| self.by_the_end_date()),
        }
    }

    fn renewed(&self) -> Option<Advice> {
        self.next_start.map(|start| Advice::Renewed { start })
    }

    fn by_the_end_date(&self) -> Advice {
        let gives_up = matches!(self.effect, Effect::Restart | Effect::Roll | Effect::Replace);
        match self.standing {
            Standing::Soon(days) if gives_up && days <= TOO_CLOSE => Advice::CloseToEnd { days },
            _ if gives_up => Advice::Wait { effect: self.effect, days: self.days_left },
            Standing::Soon(_) => Advice::NothingLost { effect: self.effect, end: self.until, start: self.next_term() },
            _ if self.data.is_unlimited() => Advice::NoHurryUnlimited,
            _ => Advice::NoHurry,
        }
    }

    /// Data that ends before the term does.
    fn running_low(&self) -> Option<Advice> {
        let left = self.data.bytes()?;
        let lasts = if left == 0 { 0 } else { self.pace?.lasts_days(left) };
        if lasts > RUNNING_LOW || lasts > self.days_left {
            return None;
        }
        let gives_up = matches!(self.effect, Effect::Restart | Effect::Roll | Effect::Replace);
        Some(match (self.effect, left) {
            // So near the end the renewal is due anyway.
            (Effect::Queue, _) if matches!(self.standing, Standing::Soon(_)) => return None,
            (Effect::Queue, _) => Advice::DataLowUntil { start: self.next_term() },
            _ if gives_up => Advice::DataLowAtTheCostOf { days: self.days_left },
            (_, 0) => Advice::DataUsedUp,
            _ => Advice::DataLow { days: lasts.max(1) },
        })
    }

    fn next_term(&self) -> Date {
        calendar::add_days(self.until, 1).unwrap_or(self.until)
    }
}

impl Advice {
    pub fn key(&self) -> &'static str {
        match self {
            Self::OrderOpen => "advice-order-open",
            Self::Suspended => "advice-suspended",
            Self::Renewed { .. } => "advice-renewed",
            Self::Lapsed => "advice-lapsed",
            Self::LapsedLong => "advice-lapsed-late",
            Self::LastDay => "advice-today",
            Self::CloseToEnd { .. } => "advice-soon",
            Self::NothingLost { effect: Effect::Stack, .. } => "advice-stack",
            Self::NothingLost { effect: Effect::Max, .. } => "advice-max",
            Self::NothingLost { .. } => "advice-queue",
            Self::DataLow { .. } => "advice-low-data",
            Self::DataUsedUp => "advice-no-data",
            Self::DataLowAtTheCostOf { .. } => "advice-low-data-loses",
            Self::DataLowUntil { .. } => "advice-low-data-queue",
            Self::Wait { effect: Effect::Roll, .. } => "advice-roll-wait",
            Self::Wait { effect: Effect::Replace, .. } => "advice-replace-wait",
            Self::Wait { .. } => "advice-restart-wait",
            Self::NoHurryUnlimited => "advice-unlimited",
            Self::NoHurry => "advice-fine",
        }
    }

    /// The answer in a sentence.
    pub fn words(&self, today: Date, language: Lang) -> String {
        let date = |date| Arg::Text(calendar::short_date(date, today, language));
        let args = match *self {
            Self::NothingLost { effect: Effect::Stack, end, .. } => vec![("end", date(end))],
            Self::NothingLost { effect: Effect::Queue, start, .. }
            | Self::DataLowUntil { start }
            | Self::Renewed { start } => vec![("start", date(start))],
            Self::CloseToEnd { days }
            | Self::DataLow { days }
            | Self::DataLowAtTheCostOf { days }
            | Self::Wait { days, .. } => vec![("days", days.into())],
            _ => vec![],
        };
        language.ta(self.key(), &args)
    }

    /// Waiting is the better answer.
    pub fn is_wait(&self) -> bool {
        matches!(
            self,
            Self::Wait { .. }
                | Self::NoHurry
                | Self::NoHurryUnlimited
                | Self::Suspended
                | Self::Renewed { .. }
                | Self::DataLowUntil { .. }
        )
    }

    /// Whether the button that renews stays quiet.
    pub fn is_quiet(&self) -> bool {
        self.is_wait() || matches!(self, Self::OrderOpen | Self::DataLowAtTheCostOf { .. })
    }

    /// The colour of the sentence's edge.
    pub fn class(&self) -> &'static str {
        match self {
            _ if self.is_wait() => "is-wait",
            Self::Lapsed | Self::LapsedLong => "is-lapsed",
            Self::LastDay
            | Self::CloseToEnd { .. }
            | Self::DataLow { .. }
            | Self::DataUsedUp
            | Self::DataLowAtTheCostOf { .. } => "is-soon",
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests;
