//! How often a line may be asked for. Every text costs the operator money and its receiver peace, and every code is a guess
//! less; so codes are counted for the account, the number, the block of numbers it lies in, and altogether.

use sqlx::PgPool;

use super::model::Numbered;
use crate::ids::AccountId;
use crate::numbers::{ActivationCode, Msisdn};
use crate::web::limits::{Denied, Rate, allow};

const ACCOUNT: (&str, Rate) = ("claim account", Rate { at_once: 5, one_per: 1_800 });
const NUMBER: (&str, Rate) = ("claim number", Rate { at_once: 3, one_per: 3_600 });
const BLOCK: (&str, Rate) = ("claim block", Rate { at_once: 20, one_per: 120 });
const ALL: (&str, Rate) = ("claim all", Rate { at_once: 500, one_per: 43 });
const RECEIVER: (&str, Rate) = ("claim receiver", Rate { at_once: 3, one_per: 3_600 });
const ACTIVATION: (&str, Rate) = ("claim activation", Rate { at_once: 10, one_per: 60 });
const HELP: (&str, Rate) = ("claim help", Rate { at_once: 5, one_per: 3_600 });

/// Numbers that differ in so many last digits are of one block.
const BLOCK_DIGITS: usize = 4;

pub async fn may_ask(pool: &PgPool, account: AccountId, named: &Numbered) -> Result<(), Denied> {
    allow(pool, ACCOUNT.0, &account.to_string(), ACCOUNT.1).await?;
    allow(pool, NUMBER.0, named.as_str(), NUMBER.1).await?;
    let digits = named.as_str();
    allow(pool, BLOCK.0, &digits[..digits.len().saturating_sub(BLOCK_DIGITS)], BLOCK.1).await?;
    allow(pool, ALL.0, "", ALL.1).await
}

/// The same number may be asked for by itself and by its card.
pub async fn may_receive(pool: &PgPool, number: &Msisdn) -> Result<(), Denied> {
    allow(pool, RECEIVER.0, number.as_str(), RECEIVER.1).await
}

/// A code to a number that somebody says is theirs.
pub async fn may_text(pool: &PgPool, account: AccountId, number: &Msisdn) -> Result<(), Denied> {
    may_ask(pool, account, &Numbered::Msisdn(number.clone())).await?;
    may_receive(pool, number).await
}

pub async fn may_activate(pool: &PgPool, account: AccountId, code: &ActivationCode) -> Result<(), Denied> {
    allow(pool, ACTIVATION.0, &account.to_string(), ACTIVATION.1).await?;
    allow(pool, ACTIVATION.0, &code.to_string().to_lowercase(), ACTIVATION.1).await
}

pub async fn may_ask_for_help(pool: &PgPool, account: AccountId) -> Result<(), Denied> {
    allow(pool, HELP.0, &account.to_string(), HELP.1).await
}
