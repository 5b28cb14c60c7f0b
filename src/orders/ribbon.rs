//! The bar of time a renewal is drawn as: what is left of the current term, what the renewal adds, what it gives up.
//! Only where the parts lie, in hundredths of a percent of the time shown; how they look is the template's.

use super::model::Order;
use crate::calendar::{self, Zone};
use crate::plans::effect::{Effect, Preview};
use std::fmt;
use time::Date;

/// What a renewal does to a line's days. Last days are inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub effect: Effect,
    pub today: Date,
    pub before_until: Date,
    /// The first day of what was bought.
    pub starts: Date,
    pub until: Date,
    /// Given up, counted as everywhere on a page: from today to the last day, today not.
    pub lost_days: i64,
    /// `today` is the day of an order that was placed.
    pub is_ordered: bool,
}

impl Change {
    pub fn previewed(effect: Effect, today: Date, before_until: Date, preview: &Preview) -> Self {
        Self {
            effect,
            today,
            before_until,
            starts: preview.effective_from,
            until: preview.until,
            lost_days: still_to_come(preview.lost.days, today, before_until),
            is_ordered: false,
        }
    }

    /// As it was promised on the day the order was placed.
    pub fn promised(order: &Order) -> Self {
        let zone = Zone::parse(&order.time_zone).unwrap_or_else(|_| Zone::utc());
        let today = calendar::today(order.created_at, &zone);
        Self {
            effect: order.effect,
            today,
            before_until: order.before_until,
            starts: order.promised_from,
            until: order.promised_until,
            lost_days: still_to_come(order.lost_days.into(), today, order.before_until),
            is_ordered: true,
        }
    }

    pub fn is_lapsed(&self) -> bool {
        self.before_until < self.today
    }

    /// The days the customer still has are given up for the new ones.
    pub fn gives_up_days(&self) -> bool {
        !self.is_lapsed() && matches!(self.effect, Effect::Restart | Effect::Roll | Effect::Replace)
    }

    /// How many days its ribbon covers. Plans side by side are drawn to the longest of them.
    pub fn days_shown(&self) -> i64 {
        let days = self.days();
        days.old_end.max(days.new_end)
    }

    fn days(&self) -> Days {
        let left = calendar::days_between(self.today, self.before_until) + 1;
        let term = (calendar::days_between(self.today, self.until) + 1).max(0);
        // A line that lapsed long ago must not squeeze what is bought into a corner.
        let gap = (-left).clamp(0, (term / 3).max(1));
        let old_end = left.max(0);
        let new_start = if self.gives_up_days() { 0 } else { old_end };
        Days { today: gap, old_end: gap + old_end, new_start: gap + new_start, new_end: gap + term.max(new_start) }
    }
}

/// The effect counts today among the days it gives up; a customer who still has today does not.
fn still_to_come(lost_days: i64, today: Date, until: Date) -> i64 {
    lost_days.min(calendar::days_between(today, until)).max(0)
}

/// Distances in days from where the bar begins.
struct Days {
    today: i64,
    old_end: i64,
    new_start: i64,
    new_end: i64,
}

/// Hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(i64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, rest) => write!(f, "{whole}.{rest:02}%"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub x: Percent,
    pub width: Percent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ribbon {
    pub today: Percent,
    /// What is left of the current term and stays.
    pub left: Option<Part>,
    /// What the renewal adds.
    pub new: Option<Part>,
    /// Days of the current term that the new one covers.
    pub covered: Option<Part>,
    /// Days of the current term beyond the new end.
    pub lost: Option<Part>,
    /// Where the current term ends and the new one follows.
    pub seam: Option<Percent>,
}

const WHOLE: i64 = 10_000;
/// Nothing that is there may be too thin to see.
const THINNEST: i64 = 200;

impl Ribbon {
    /// The ribbon of one change, drawn so that `days_shown` days fill the bar.
    pub fn draw(change: &Change, days_shown: i64) -> Self {
        let days = change.days();
        let at = scale([days.today, days.old_end, days.new_start, days.new_end], days_shown.max(change.days_shown()));
        let gives_up = change.gives_up_days();
        let part =
            |from: i64, to: i64| (to > from).then(|| Part { x: Percent(at(from)), width: Percent(at(to) - at(from)) });
        let left = part(days.today, days.old_end).filter(|_| !gives_up);
        let new = part(days.new_start, days.new_end);
        Self {
            today: Percent(at(days.today)),
            left,
            new,
            covered: part(days.today, days.old_end.min(days.new_end)).filter(|_| gives_up),
            lost: part(days.new_end, days.old_end).filter(|_| gives_up),
            seam: left.and(new).map(|new| new.x),
        }
    }
}

/// Where days lie on the bar: in proportion, but never closer together than [`THINNEST`], and all within the bar.
fn scale(days: [i64; 4], shown: i64) -> impl Fn(i64) -> i64 {
    let mut marks: Vec<i64> = days.into_iter().chain([0]).collect();
    marks.sort_unstable();
    marks.dedup();
    let mut places: Vec<i64> = marks.iter().map(|day| day * WHOLE / shown.max(1)).collect();
    for at in 1..places.len() {
        places[at] = places[at].max(places[at - 1] + THINNEST);
    }
    let mut limit = WHOLE;
    for place in places.iter_mut().rev() {
        *place = (*place).min(limit);
        limit = *place - THINNEST;
    }
    move |day| marks.iter().position(|mark| *mark == day).map_or(0, |at| places[at])
}

#[cfg(test)]
mod tests;
