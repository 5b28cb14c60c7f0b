//! What buying a plan does to a line: the promise made before payment, kept on the order, printed
//! on the receipt and held against the carrier's answer.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::calendar::{self, CalendarError};
pub use crate::plans::allowance::Allowance;
use crate::plans::term::Term;
pub use crate::plans::validity::Validity;
pub use crate::units::Data;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Added to what is left; the term is added to the current end.
    Stack,
    /// What is left is lost; the term starts today.
    Restart,
    /// What is left is carried over; the term starts today.
    Roll,
    /// Everything new waits until the current term has ended.
    Queue,
    /// The old plan ends today and what is left with it; the term starts today.
    Replace,
    /// Added to what is left; the end moves only if the term counted from today reaches further.
    Max,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EffectError {
    #[error("is none of stack, restart, roll, queue, replace, max")]
    UnknownEffect,
    #[error("a plan needs a term of at least a day")]
    EmptyTerm,
    #[error("the amount is too small to revive the line")]
    BelowMinimum,
    #[error("the allowances together are out of range")]
    AllowanceOutOfRange,
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

/// The line as it stands: its validity through the last term already paid for, if it ever had one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineTerm {
    pub validity: Option<Validity>,
    pub left: Allowance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanTerm {
    pub term: Term,
    pub allowance: Allowance,
    /// The price is below what the carrier asks for moving the end; only `max` looks at it.
    pub below_minimum: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The first day the new allowance can be used.
    pub effective_from: Date,
    /// The first day of the line's validity afterwards; the old one where the term is extended.
    pub from: Date,
    pub until: Date,
    pub anchor_day: u8,
    /// As it was, also where it has lapsed.
    pub before: Option<Validity>,
    /// What can be used as soon as the carrier has done its part.
    pub allowance_after: Allowance,
    /// What waits until `effective_from`.
    pub allowance_queued: Option<Allowance>,
    pub lost: Lost,
    /// How far the last day moves; for a lapsed line, days from today. Negative if it comes nearer.
    pub gained_days: i64,
}

/// What an early renewal gives up, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    pub data: Data,
    pub minutes: i64,
    pub sms: i64,
    pub days: i64,
}

/// The promise. `today` is the line's own: [`calendar::today`] in its time zone. A lapsed line has
/// nothing left, and every effect begins today.
pub fn preview(effect: Effect, today: Date, line: &LineTerm, plan: &PlanTerm) -> Result<Preview, EffectError> {
    let current = line.validity.filter(|validity| !validity.lapsed(today));
    let left = current.map_or_else(Allowance::default, |_| line.left);
    let after = validity_after(effect, today, current, plan)?;
    let waits = current.filter(|_| effect == Effect::Queue);
    let allowance_after = match effect {
        Effect::Queue if waits.is_some() => left,
        Effect::Restart | Effect::Replace => plan.allowance,
        Effect::Stack | Effect::Roll | Effect::Queue | Effect::Max => left.with(plan.allowance)?,
    };
    let covered_through = match current {
        Some(current) => current.until,
        None => calendar::add_days(today, -1)?,
    };
    Ok(Preview {
        effective_from: waits.map_or(Ok(today), Validity::boundary)?,
        from: after.from,
        until: after.until,
        anchor_day: after.anchor_day,
        before: line.validity,
        allowance_after,
        allowance_queued: waits.map(|_| plan.allowance),
        lost: lost(effect, today, current, left, plan),
        gained_days: calendar::days_between(covered_through, after.until),
    })
}

fn validity_after(
    effect: Effect,
    today: Date,
    current: Option<Validity>,
    plan: &PlanTerm,
) -> Result<Validity, EffectError> {
    let fresh = || Validity::starting(today, today.day(), plan.term);
    match (effect, current) {
        (Effect::Max, None) if plan.below_minimum => Err(EffectError::BelowMinimum),
        (Effect::Max, Some(current)) if plan.below_minimum => Ok(current),
        (Effect::Restart | Effect::Roll | Effect::Replace, _) | (_, None) => fresh(),
        (Effect::Stack | Effect::Queue, Some(current)) => current.extended(plan.term),
        (Effect::Max, Some(current)) => match fresh()? {
            later if later.until > current.until => Ok(Validity { from: current.from, ..later }),
            _ => Ok(current),
        },
    }
}

fn lost(effect: Effect, today: Date, current: Option<Validity>, left: Allowance, plan: &PlanTerm) -> Lost {
    let days = current.map_or(0, |current| current.days_left(today));
    match effect {
        Effect::Stack | Effect::Queue | Effect::Max => Lost::default(),
        Effect::Roll => Lost { days, ..Lost::default() },
        Effect::Restart | Effect::Replace => Lost {
            data: match (left.data, plan.allowance.data) {
                (_, Data::Unlimited) | (Data::Bytes(..=0), _) => Data::None,
                (data, _) => data,
            },
            minutes: left.minutes.unwrap_or(0),
            sms: left.sms.unwrap_or(0),
            days,
        },
    }
}

impl Lost {
    pub fn is_nothing(&self) -> bool {
        *self == Lost::default()
    }
}

impl Effect {
    pub const ALL: [Effect; 6] =
        [Effect::Stack, Effect::Restart, Effect::Roll, Effect::Queue, Effect::Replace, Effect::Max];

    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Stack => "stack",
            Effect::Restart => "restart",
            Effect::Roll => "roll",
            Effect::Queue => "queue",
            Effect::Replace => "replace",
            Effect::Max => "max",
        }
    }

    pub fn parse(name: &str) -> Result<Effect, EffectError> {
        Effect::ALL.into_iter().find(|effect| effect.as_str() == name).ok_or(EffectError::UnknownEffect)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Effect {
    type Err = EffectError;
    fn from_str(name: &str) -> Result<Effect, EffectError> {
        Effect::parse(name)
    }
}

impl TryFrom<String> for Effect {
    type Error = EffectError;
    fn try_from(name: String) -> Result<Effect, EffectError> {
        Effect::parse(&name)
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
