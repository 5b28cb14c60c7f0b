//! What a carrier's answer changes about a line, and what it must not. Pure.

use time::{Duration, OffsetDateTime};

use crate::calendar;
use crate::carriers::{LineState, Usage};
use crate::lines::Watched;
use crate::lines::model::Line;
use crate::units::Data;

/// How much of an answer is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Whole,
    /// A renewal is on its way to the line, or the figures may be from before one: days and allowances stay.
    StateOnly,
    /// Something was written down while the carrier was asked, or something newer is known.
    Nothing,
}

/// `asked` is the line as it was when the carrier was asked, `held` as it is now. `lag`: how far behind the figures may be.
pub fn weigh(asked: &Watched, held: &Watched, usage: &Usage, under_way: bool, lag: Duration) -> Weight {
    let may_be_older = held.renewed_at.is_some_and(|renewed| usage.as_of - lag < renewed);
    let shows_the_renewal = usage.valid_until == Some(held.line.valid_until);
    if asked.version != held.version || usage.as_of < held.line.usage_as_of {
        Weight::Nothing
    } else if under_way || (may_be_older && !shows_the_renewal) {
        Weight::StateOnly
    } else {
        Weight::Whole
    }
}

/// The carrier answered, and knows nothing of the line.
pub fn says_nothing(usage: &Usage) -> bool {
    let Usage { as_of: _, state, total, left, valid_until, balance, installed } = usage;
    state.is_none()
        && total.is_none()
        && left.is_none()
        && valid_until.is_none()
        && balance.is_none()
        && installed.is_none()
}

/// The line as the carrier has it; what the carrier doesn't say stays.
pub fn after(line: &Line, usage: &Usage, weight: Weight, now: OffsetDateTime) -> Line {
    let mut line = line.clone();
    if weight == Weight::Nothing {
        return line;
    }
    if let Some(state) = usage.state {
        line.status = status(state, &line.status).to_owned();
    }
    if let Some(balance) = usage.balance.filter(|balance| balance.minor >= 0) {
        line.carrier_balance_minor = Some(balance.minor);
        line.carrier_balance_currency = Some(balance.currency.code().to_owned());
    }
    let is_newer = line.installed_as_of.is_none_or(|known| known <= usage.as_of);
    if let Some(installed) = usage.installed.filter(|_| is_newer) {
        (line.installed, line.installed_as_of) = (Some(installed), Some(usage.as_of.min(now)));
    }
    if weight == Weight::Whole {
        take_days(&mut line, usage);
        take_allowances(&mut line, usage);
        // A carrier whose clock is ahead must not make later figures look old.
        line.usage_as_of = usage.as_of.min(now);
    }
    line
}

/// Whether the line is lapsed is a matter of its days.
fn status(state: LineState, was: &str) -> &str {
    match state {
        LineState::New => "new",
        LineState::Active | LineState::Depleted => "active",
        LineState::Suspended => "suspended",
        LineState::Expired if was == "suspended" => "active",
        LineState::Expired => was,
        LineState::Ended => "terminated",
    }
}

fn take_days(line: &mut Line, usage: &Usage) {
    let Some(until) = usage.valid_until.filter(|until| *until != line.valid_until) else { return };
    let Ok(boundary) = calendar::add_days(until, 1) else { return };
    line.valid_from = line.valid_from.min(until);
    line.valid_until = until;
    line.anchor_day = boundary.day().into();
}

fn take_allowances(line: &mut Line, usage: &Usage) {
    let (left, total) = (usage.left.map(|left| left.data), usage.total.map(|total| total.data));
    match (left, total) {
        (Some(Data::Unlimited), _) => (line.data_unlimited, line.data_left_bytes) = (true, None),
        // Of plans without data, or without a limit, some carriers count nothing.
        (_, Some(Data::Bytes(..=0))) => {}
        (Some(Data::Bytes(left)), Some(Data::Bytes(total))) => {
            (line.data_unlimited, line.data_left_bytes, line.data_total_bytes) =
                (false, Some(left.max(0)), Some(total));
        }
        (Some(Data::Bytes(left)), _) if !line.data_unlimited => line.data_left_bytes = Some(left.max(0)),
        _ => {}
    }
    let count = |count: Option<i64>| count.map(|count| i32::try_from(count.max(0)).unwrap_or(i32::MAX));
    line.minutes_left = count(usage.left.and_then(|left| left.minutes)).or(line.minutes_left);
    line.sms_left = count(usage.left.and_then(|left| left.sms)).or(line.sms_left);
}

#[cfg(test)]
mod tests;
