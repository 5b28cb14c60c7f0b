use super::codes::{self, MOST_TRIES};
use crate::ids::{AccountId, ClaimId, LineId};
use crate::lang::Lang;
use crate::numbers::{Iccid, Msisdn};
use time::OffsetDateTime;

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
        codes::is_right(&self.code_salt, self.code_hash.as_deref(), code)
    }
}
