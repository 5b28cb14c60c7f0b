//! Data, minutes and messages, as a plan gives them and a line has them left.

use serde::{Deserialize, Serialize};

use crate::plans::effect::EffectError;
use crate::units::Data;

/// What a plan gives or a line has left. `None` is none, or not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    pub data: Data,
    pub minutes: Option<i64>,
    pub sms: Option<i64>,
}

impl Allowance {
    /// Both together; what is not known adds nothing.
    pub fn with(self, more: Allowance) -> Result<Allowance, EffectError> {
        let data = match (self.data, more.data) {
            (Data::Unlimited, _) | (_, Data::Unlimited) => Data::Unlimited,
            (Data::None, data) | (data, Data::None) => data,
            (Data::Bytes(left), Data::Bytes(more)) => Data::Bytes(sum(left, more)?),
        };
        Ok(Allowance { data, minutes: sum_known(self.minutes, more.minutes)?, sms: sum_known(self.sms, more.sms)? })
    }
}

fn sum(left: i64, more: i64) -> Result<i64, EffectError> {
    left.checked_add(more).ok_or(EffectError::AllowanceOutOfRange)
}

fn sum_known(left: Option<i64>, more: Option<i64>) -> Result<Option<i64>, EffectError> {
    match (left, more) {
        (Some(left), Some(more)) => sum(left, more).map(Some),
        (known, None) | (None, known) => Ok(known),
    }
}
