use time::{Date, Duration, OffsetDateTime};

use crate::carriers::{Answer, CarrierError, RenewalRequest};
use crate::ids::{OrderId, ProvisioningId};

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// The carrier has nothing of it yet.
    Queued,
    /// The carrier took it and has not said how it ended.
    Submitted,
    /// It was sent, and there is no word of it.
    Unknown,
    Succeeded,
    FailedPermanent,
}

/// What one step with the carrier brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Answer(Answer),
    /// It was sent just now and may have happened.
    Lost(CarrierError),
    /// It was sent just now and surely did not happen.
    TurnedAway(CarrierError),
    /// The question what became of it went unanswered.
    Silence(CarrierError),
}

impl State {
    /// The edges of a provisioning's life, all of them. `None`: it has ended, and nothing moves it.
    pub fn after(self, heard: &Heard) -> Option<State> {
        match (self, heard) {
            (State::Succeeded | State::FailedPermanent, _) => None,
            (_, Heard::Answer(Answer::Done { .. })) => Some(State::Succeeded),
            (_, Heard::Answer(Answer::Refused(_))) => Some(State::FailedPermanent),
            (_, Heard::Answer(Answer::Accepted { .. })) => Some(State::Submitted),
            (_, Heard::Lost(_)) => Some(State::Unknown),
            (_, Heard::TurnedAway(_)) => Some(State::Queued),
            (State::Submitted, Heard::Silence(_)) => Some(State::Submitted),
            (State::Queued | State::Unknown, Heard::Silence(_)) => Some(State::Unknown),
        }
    }

    pub fn has_ended(self) -> bool {
        matches!(self, State::Succeeded | State::FailedPermanent)
    }
}

#[derive(Clone, Debug)]
pub struct Provisioning {
    pub id: ProvisioningId,
    pub order_id: OrderId,
    pub carrier: String,
    pub request: RenewalRequest,
    /// The carrier's own reference: of its reservation, or of what it accepted.
    pub carrier_reference: Option<String>,
    /// What was on the line before the request went out.
    pub baseline: Option<serde_json::Value>,
    pub state: State,
    /// How often the carrier was tried in this state.
    pub asked_count: i32,
    pub refusal: Option<String>,
    pub carrier_until: Option<Date>,
    pub created_at: OffsetDateTime,
    /// Set before a request goes out; `None` while the carrier surely has nothing.
    pub submitted_at: Option<OffsetDateTime>,
    pub finished_at: Option<OffsetDateTime>,
}

/// How long to leave the carrier alone after the `asked`th try in this state.
pub fn pause(state: State, asked: i32, overdue: bool, chance: u8) -> Duration {
    let asked = asked.max(0);
    let base = match state {
        _ if overdue => Duration::minutes(30),
        // Turned away: twice as long each time.
        State::Queued => Duration::seconds(1 << asked.min(8)),
        _ => Duration::seconds([1, 2, 3, 5, 10, 30, 60].get(asked as usize).copied().unwrap_or(300)),
    };
    // Not everybody at the same moment.
    base + base * i32::from(chance) / 1024
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carriers::Refusal;
    use State::*;
    use time::macros::date;

    const ALL: [State; 5] = [Queued, Submitted, Unknown, Succeeded, FailedPermanent];

    fn everything_heard() -> Vec<Heard> {
        let error = || CarrierError::Unknown(String::new());
        vec![
            Heard::Answer(Answer::Accepted { reference: None }),
            Heard::Answer(Answer::Done { valid_until: Some(date!(2026 - 12 - 31)) }),
            Heard::Answer(Answer::Refused(Refusal::NotRenewable)),
            Heard::Lost(error()),
            Heard::TurnedAway(error()),
            Heard::Silence(error()),
        ]
    }

    #[test]
    fn only_the_carriers_word_ends_it_and_nothing_moves_the_end() {
        for state in ALL {
            for heard in everything_heard() {
                let after = state.after(&heard);
                let definite = matches!(heard, Heard::Answer(Answer::Done { .. } | Answer::Refused(_)));
                assert_eq!(after.is_none(), state.has_ended(), "{state:?} {heard:?}");
                assert_eq!(after.is_some_and(State::has_ended), definite && !state.has_ended(), "{state:?} {heard:?}");
            }
        }
    }

    #[test]
    fn an_unanswered_question_never_makes_it_unsent() {
        let silence = Heard::Silence(CarrierError::Unavailable(String::new()));
        assert_eq!(Unknown.after(&silence), Some(Unknown));
        assert_eq!(Submitted.after(&silence), Some(Submitted));
        assert_eq!(Queued.after(&silence), Some(Unknown));
    }

    #[test]
    fn asks_soon_at_first_and_never_stops() {
        let at = |asked| pause(Submitted, asked, false, 0).whole_seconds();
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7, 1_000].map(at), [1, 2, 3, 5, 10, 30, 60, 300, 300]);
        for asked in [0, 1, 8, 9, i32::MAX] {
            let waits = pause(Queued, asked, false, 255);
            assert!(waits <= Duration::seconds(320) && waits >= Duration::SECOND, "{asked}: {waits}");
        }
        assert_eq!(pause(Unknown, 0, true, 0), Duration::minutes(30));
    }
}
