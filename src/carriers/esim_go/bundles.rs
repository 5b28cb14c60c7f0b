//! The bundles on a line: what became of an order, and what is left.

use serde::Deserialize;
use serde_json::Number;
use time::{OffsetDateTime, UtcOffset};

use crate::carriers::amounts::whole;
use crate::carriers::{Answer, CarrierError, LineState, Refusal, Submission, Usage, dates};
use crate::plans::allowance::Allowance;
use crate::units::Data;

#[derive(Deserialize)]
pub struct BundlesReply {
    bundles: Vec<Bundle>,
}

#[derive(Deserialize)]
struct Bundle {
    name: String,
    #[serde(default)]
    assignments: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: Option<String>,
    assignment_reference: Option<String>,
    bundle_state: Option<String>,
    call_type_group: Option<String>,
    initial_quantity: Option<Number>,
    remaining_quantity: Option<Number>,
    end_time: Option<String>,
    unlimited: Option<bool>,
}

/// One bundle put on a line once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub id: String,
    product: String,
    reference: Option<String>,
    state: State,
    is_data: bool,
    initial: Option<i64>,
    remaining: Option<i64>,
    unlimited: bool,
    end: Option<OffsetDateTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Processing,
    Queued,
    Active,
    Depleted,
    /// Its time is over, used or not.
    Over,
    Revoked,
    /// A word we don't know.
    Unheard,
}

impl BundlesReply {
    pub fn assignments(self) -> Result<Vec<Assignment>, CarrierError> {
        let named = |bundle: Bundle| {
            let name = bundle.name;
            bundle.assignments.into_iter().map(move |entry| entry.read(&name))
        };
        self.bundles.into_iter().flat_map(named).collect()
    }
}

impl Entry {
    fn read(self, product: &str) -> Result<Assignment, CarrierError> {
        let id = self.id.or_else(|| self.assignment_reference.clone());
        let end = self.end_time.filter(|end| !end.is_empty());
        Ok(Assignment {
            id: id.ok_or_else(|| CarrierError::unknown("a bundle without an id"))?,
            product: product.to_owned(),
            reference: self.assignment_reference,
            state: State::read(self.bundle_state.as_deref().unwrap_or_default()),
            is_data: self.call_type_group.is_none_or(|group| group.eq_ignore_ascii_case("data")),
            initial: self.initial_quantity.as_ref().and_then(whole),
            remaining: self.remaining_quantity.as_ref().and_then(whole),
            unlimited: self.unlimited == Some(true),
            end: end.map(|end| dates::instant(&end, UtcOffset::UTC)).transpose()?,
        })
    }
}

impl State {
    fn read(text: &str) -> State {
        match text.to_ascii_lowercase().as_str() {
            "processing" => State::Processing,
            "queued" => State::Queued,
            "active" => State::Active,
            "depleted" => State::Depleted,
            "expired" | "lapsed" => State::Over,
            "revoked" => State::Revoked,
            _ => State::Unheard,
        }
    }
}

/// The bundle our order put on the line: the one it names, else one of its product that was not there before.
pub fn new_one<'a>(
    assignments: &'a [Assignment],
    submission: &Submission<'_>,
) -> Result<Option<&'a Assignment>, CarrierError> {
    let named = |it: &&Assignment| submission.reference.is_some_and(|order| it.is_of(order));
    if let Some(found) = assignments.iter().find(named) {
        return Ok(Some(found));
    }
    let before = submission.baseline.as_array();
    let before = before.ok_or_else(|| CarrierError::unknown("what was on the line before was not written down"))?;
    let is_new = |it: &&Assignment| {
        it.product == submission.request.product && !before.iter().any(|id| id.as_str() == Some(it.id.as_str()))
    };
    Ok(assignments.iter().find(is_new))
}

impl Assignment {
    /// An order's bundles carry its reference with a number behind it.
    fn is_of(&self, order: &str) -> bool {
        let rest = self.reference.as_deref().and_then(|reference| reference.strip_prefix(order));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    /// What is queued is the customer's; when it will end is not known before it begins.
    pub fn answer(&self, submission: &Submission<'_>) -> Result<Answer, CarrierError> {
        let order = self.reference.as_deref().map(order_of);
        Ok(match self.state {
            State::Revoked => Answer::Refused(Refusal::Other("revoked".to_owned())),
            State::Processing | State::Unheard => Answer::Accepted { reference: order.map(str::to_owned) },
            // Found by the difference: its reference is written down before it is called done.
            _ if submission.reference.is_none() && order.is_some() => {
                Answer::Accepted { reference: order.map(str::to_owned) }
            }
            State::Queued => Answer::Done { valid_until: None },
            State::Active | State::Depleted | State::Over => {
                let zone = &submission.request.line.time_zone;
                Answer::Done { valid_until: self.end.map(|end| dates::last_day(end, zone)).transpose()? }
            }
        })
    }
}

fn order_of(reference: &str) -> &str {
    let numbered = |number: &str| !number.is_empty() && number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit());
    reference.rsplit_once('-').filter(|(_, number)| numbered(number)).map_or(reference, |(order, _)| order)
}

/// Voice and messages come in groups of their own and are left out.
pub fn usage(assignments: &[Assignment], now: OffsetDateTime, zone: &str) -> Result<Usage, CarrierError> {
    let in_state = |states: &[State]| assignments.iter().any(|it| states.contains(&it.state));
    let waits = in_state(&[State::Processing, State::Queued]);
    let state = [
        (in_state(&[State::Active]), LineState::Active),
        (waits, LineState::New),
        (in_state(&[State::Depleted]), LineState::Depleted),
        (in_state(&[State::Over]), LineState::Expired),
    ];
    let held = |it: &&Assignment| {
        it.is_data && matches!(it.state, State::Processing | State::Queued | State::Active | State::Depleted)
    };
    let held: Vec<_> = assignments.iter().filter(held).collect();
    // What waits ends at a day nobody knows yet.
    let end = if waits { None } else { assignments.iter().filter_map(|it| it.end).max() };
    Ok(Usage {
        as_of: now,
        state: state.into_iter().find_map(|(is_so, state)| is_so.then_some(state)),
        total: sum(&held, |it| it.initial),
        left: sum(&held, |it| it.remaining),
        valid_until: end.map(|end| dates::last_day(end, zone)).transpose()?,
        balance: None,
        installed: None,
    })
}

fn sum(held: &[&Assignment], part: fn(&Assignment) -> Option<i64>) -> Option<Allowance> {
    let data = match held.iter().any(|it| it.unlimited) {
        true => Data::Unlimited,
        false => Data::Bytes(held.iter().try_fold(0_i64, |sum, it| sum.checked_add(part(it)?))?),
    };
    Some(Allowance { data, ..Allowance::default() })
}
