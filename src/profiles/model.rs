//! How an order for a profile moves on. Pure.

use crate::carriers::ProfileRefusal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The same line: its code is lost, or its profile was deleted.
    Reissue,
    /// For another device.
    Move,
}

impl Purpose {
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Reissue, Self::Move].into_iter().find(|purpose| purpose.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reissue => "reissue",
            Self::Move => "move",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Requested,
    Freeing,
    Ordered,
    Confirmed,
    Released,
    Withdrawing,
    Done,
    Refused,
    Failed,
}

const ALL: [State; 9] = [
    State::Requested,
    State::Freeing,
    State::Ordered,
    State::Confirmed,
    State::Released,
    State::Withdrawing,
    State::Done,
    State::Refused,
    State::Failed,
];

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Freeing => "freeing",
            Self::Ordered => "ordered",
            Self::Confirmed => "confirmed",
            Self::Released => "released",
            Self::Withdrawing => "withdrawing",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    pub fn has_ended(self) -> bool {
        matches!(self, Self::Done | Self::Refused | Self::Failed)
    }

    /// The customer has the new code.
    pub fn is_ready(self) -> bool {
        matches!(self, Self::Released | Self::Done)
    }

    /// Where it ends if the server never says what became of it.
    pub fn given_up(self) -> Self {
        match self {
            Self::Withdrawing => Self::Refused,
            Self::Released => Self::Done,
            _ => Self::Failed,
        }
    }
}

impl TryFrom<String> for State {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        ALL.into_iter().find(|state| state.as_str() == text).ok_or(text)
    }
}

/// What is known when a call is answered.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    pub state: State,
    /// The same call went out before and was not answered: it may have had its effect.
    pub repeated: bool,
    /// Nothing older is ordered for this ICCID.
    pub freed: bool,
    /// Another ICCID than the line's: nothing older can be ordered for it, and the old one is cancelled at the end.
    pub by_type: bool,
}

impl Situation {
    pub fn after_success(self) -> State {
        match self.state {
            State::Requested => State::Ordered,
            State::Freeing => State::Requested,
            State::Ordered => State::Confirmed,
            State::Confirmed if self.by_type => State::Released,
            State::Confirmed | State::Released => State::Done,
            State::Withdrawing => State::Refused,
            ended => ended,
        }
    }

    /// A repetition is refused where the first try had its effect. Only what can't be anything else counts as that.
    pub fn after_refusal(self, refusal: &ProfileRefusal) -> State {
        let came_through = self.repeated && refusal.is_taken();
        match self.state {
            State::Requested if came_through && self.freed => State::Ordered,
            // It may be ours or an older one: cancelled, it is neither.
            State::Requested if refusal.is_taken() && !self.freed && !self.by_type => State::Freeing,
            State::Requested if self.repeated && !self.by_type => State::Withdrawing,
            State::Requested => State::Refused,
            State::Freeing if came_through || refusal.is_unknown() => State::Requested,
            State::Freeing => State::Refused,
            State::Ordered | State::Confirmed if came_through => self.after_success(),
            State::Ordered | State::Confirmed => State::Withdrawing,
            State::Withdrawing | State::Released => self.after_success(),
            ended => ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Situation = Situation { state: State::Requested, repeated: false, freed: false, by_type: false };

    fn taken() -> ProfileRefusal {
        ProfileRefusal::new("8.2.1", "3.3")
    }

    fn not_allowed() -> ProfileRefusal {
        ProfileRefusal::new("8.2.1", "1.2")
    }

    fn repeated(state: State) -> Situation {
        Situation { state, repeated: true, ..FIRST }
    }

    #[test]
    fn an_order_goes_its_way() {
        let mut situation = FIRST;
        let mut way = vec![];
        while !situation.state.has_ended() {
            situation.state = situation.after_success();
            way.push(situation.state);
        }
        assert_eq!(way, [State::Ordered, State::Confirmed, State::Done]);
        let typed = Situation { state: State::Confirmed, by_type: true, ..FIRST };
        assert_eq!(typed.after_success(), State::Released, "the old profile is still to be cancelled");
    }

    #[test]
    fn what_is_taken_is_ours_only_if_it_can_be_nobody_elses() {
        assert_eq!(FIRST.after_refusal(&taken()), State::Freeing);
        assert_eq!(repeated(State::Requested).after_refusal(&taken()), State::Freeing);
        let freed = Situation { freed: true, ..repeated(State::Requested) };
        assert_eq!(freed.after_refusal(&taken()), State::Ordered);
        let not_ours = Situation { freed: true, ..FIRST };
        assert_eq!(not_ours.after_refusal(&taken()), State::Refused);
    }

    #[test]
    fn a_repetition_that_is_refused_as_taken_says_that_the_first_came_through() {
        assert_eq!(repeated(State::Ordered).after_refusal(&taken()), State::Confirmed);
        assert_eq!(repeated(State::Confirmed).after_refusal(&taken()), State::Done);
        assert_eq!(repeated(State::Freeing).after_refusal(&taken()), State::Requested);
        for state in [State::Ordered, State::Confirmed] {
            assert_eq!(Situation { state, ..FIRST }.after_refusal(&taken()), State::Withdrawing, "{state:?}");
        }
    }

    #[test]
    fn a_no_leaves_nothing_behind() {
        assert_eq!(FIRST.after_refusal(&not_allowed()), State::Refused);
        assert_eq!(repeated(State::Requested).after_refusal(&not_allowed()), State::Withdrawing);
        assert_eq!(repeated(State::Ordered).after_refusal(&not_allowed()), State::Withdrawing);
        assert_eq!(Situation { state: State::Withdrawing, ..FIRST }.after_refusal(&not_allowed()), State::Refused);
        assert_eq!(Situation { state: State::Released, ..FIRST }.after_refusal(&not_allowed()), State::Done);
    }
}
