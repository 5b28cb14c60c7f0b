use crate::ids::{AccountId, ClaimId, LineId};
use crate::lang::Lang;
use crate::numbers::{Iccid, Msisdn};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};

pub const LIFETIME: Duration = Duration::minutes(10);
pub const MOST_TRIES: i32 = 5;
pub const DIGITS: usize = 6;

/// What is proved by a code sent to its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numbered {
    Iccid(Iccid),
    Msisdn(Msisdn),
}

impl Numbered {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Iccid(_) => "iccid",
            Self::Msisdn(_) => "msisdn",
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Iccid(iccid) => iccid.as_str(),
            Self::Msisdn(number) => number.as_str(),
        }
    }

    /// As a person reads it.
    pub fn grouped(&self) -> String {
        match self {
            Self::Iccid(iccid) => iccid.grouped(),
            Self::Msisdn(number) if number.grouped().starts_with('+') => number.grouped(),
            Self::Msisdn(number) => format!("+{} {}", number.country_code(), number.grouped()),
        }
    }
}

/// A row of `line_claims`.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Claim {
    pub id: ClaimId,
    pub account_id: AccountId,
    pub kind: String,
    pub number: String,
    pub sent_to: Option<String>,
    pub code_salt: Vec<u8>,
    pub code_hash: Option<Vec<u8>>,
    pub tries: i32,
    pub expires_at: OffsetDateTime,
    pub outcome: Option<String>,
    pub line_id: Option<LineId>,
    /// The holder's language.
    pub language: String,
}

/// How a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open {
        left: i32,
    },
    Expired,
    TriedTooOften,
    Replaced,
    /// The line is on the account.
    Here(LineId),
    /// Proved; another account holds the line, and a person has been asked.
    Held,
    /// Proved; a person has been asked to add the line.
    Asked,
}

impl Claim {
    pub fn numbered(&self) -> Option<Numbered> {
        match self.kind.as_str() {
            "iccid" => Iccid::parse(&self.number).ok().map(Numbered::Iccid),
            _ => Msisdn::parse(&self.number).ok().map(Numbered::Msisdn),
        }
    }

    pub fn language(&self) -> Lang {
        Lang::parse(&self.language).unwrap_or(Lang::En)
    }

    pub fn standing(&self, now: OffsetDateTime) -> Standing {
        match (self.outcome.as_deref(), self.line_id) {
            (Some("added" | "yours"), Some(line)) => Standing::Here(line),
            (Some("held"), _) => Standing::Held,
            (Some("asked"), _) => Standing::Asked,
            (Some(_), _) => Standing::Replaced,
            (None, _) if self.tries >= MOST_TRIES => Standing::TriedTooOften,
            (None, _) if now >= self.expires_at => Standing::Expired,
            (None, _) => Standing::Open { left: MOST_TRIES - self.tries },
        }
    }

    /// Where no text went out every code is wrong, after the same work.
    pub fn is_code(&self, code: &str) -> bool {
        let given = hash(&self.code_salt, code);
        let nothing = [0; 32];
        let known = self.code_hash.as_deref().unwrap_or(&nothing);
        bool::from(known.ct_eq(&given)) && self.code_hash.is_some()
    }
}

pub fn hash(salt: &[u8], code: &str) -> Vec<u8> {
    Sha256::new().chain_update(salt).chain_update(code.as_bytes()).finalize().to_vec()
}

pub fn salt() -> [u8; 16] {
    let mut salt = [0; 16];
    crate::ids::fill_random(&mut salt);
    salt
}

/// Six random digits.
pub fn code() -> String {
    let mut random = [0; 8];
    crate::ids::fill_random(&mut random);
    format!("{:06}", u64::from_le_bytes(random) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_six_digits_and_seldom_the_same() {
        let codes: std::collections::HashSet<String> = (0..500).map(|_| code()).collect();
        assert!(codes.iter().all(|code| code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit())));
        assert!(codes.len() > 480, "{}", codes.len());
    }
}
