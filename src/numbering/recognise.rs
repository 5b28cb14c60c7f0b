use std::collections::HashMap;

use sqlx::PgConnection;

use super::issuer::{Issuer, issuer, of_number};
use super::model::{Kind, Range};
use super::queries;
use crate::numbers::{Iccid, Msisdn};

/// What somebody named a line by.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    Iccid(&'a Iccid),
    Msisdn(&'a Msisdn),
}

/// One of the operator's carriers, and what its range says of the lines in it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Carrier {
    pub code: String,
    /// `fm_card` or `esim`; both where nothing is said.
    pub line_kind: Option<String>,
    pub plan: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// By the operator's own table; none of its carriers where nothing fits.
    pub carrier: Option<Carrier>,
    /// By what the world knows.
    pub issuer: Issuer,
}

pub async fn recognise(conn: &mut PgConnection, named: Named<'_>) -> sqlx::Result<Recognised> {
    let prefixes = beginnings(named.digits()).collect::<Vec<_>>();
    let carrier = queries::longest(conn, named.kind(), &prefixes).await?;
    Ok(Recognised { carrier, issuer: named.issuer() })
}

impl<'a> Named<'a> {
    fn kind(self) -> Kind {
        match self {
            Self::Iccid(_) => Kind::Iccid,
            Self::Msisdn(_) => Kind::Msisdn,
        }
    }

    fn digits(self) -> &'a str {
        match self {
            Self::Iccid(iccid) => iccid.as_str(),
            Self::Msisdn(number) => number.as_str().trim_start_matches('+'),
        }
    }

    fn issuer(self) -> Issuer {
        match self {
            Self::Iccid(iccid) => issuer(iccid),
            Self::Msisdn(number) => of_number(number),
        }
    }
}

/// Every beginning of the digits, the longest first.
pub(super) fn beginnings(digits: &str) -> impl Iterator<Item = &str> {
    (1..=digits.len()).rev().filter_map(|length| digits.get(..length))
}

/// The whole table in memory, for whoever has many lines to look at.
#[derive(Default)]
pub struct Ranges(HashMap<(&'static str, String), Carrier>);

impl Ranges {
    pub fn of(rows: Vec<Range>) -> Self {
        let entry = |row: Range| {
            let kind = Kind::parse(&row.kind)?.as_str();
            Some(((kind, row.prefix), Carrier { code: row.carrier, line_kind: row.line_kind, plan: row.plan }))
        };
        Self(rows.into_iter().filter_map(entry).collect())
    }

    pub fn carrier(&self, named: Named<'_>) -> Option<&Carrier> {
        let kind = named.kind().as_str();
        beginnings(named.digits()).find_map(|prefix| self.0.get(&(kind, prefix.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    fn range(kind: &str, prefix: &str, carrier: &str) -> Range {
        Range {
            id: 1,
            kind: kind.into(),
            prefix: prefix.into(),
            carrier: carrier.into(),
            line_kind: None,
            plan: None,
            note: String::new(),
            created_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_longest_beginning_counts_and_cards_are_no_numbers() {
        let ranges = Ranges::of(vec![
            range("iccid", "8986", "everyone"),
            range("iccid", "898600", "cmcc"),
            range("iccid", "1234", "old"),
            range("msisdn", "86138", "cmcc"),
        ]);
        let carrier = |iccid: &str| {
            let iccid = Iccid::parse(iccid).unwrap();
            ranges.carrier(Named::Iccid(&iccid)).map(|carrier| carrier.code.clone())
        };
        assert_eq!(carrier("89860012345678901238").as_deref(), Some("cmcc"));
        assert_eq!(carrier("8986 0112 3456 7890 123F").as_deref(), Some("everyone"));
        assert_eq!(carrier("1234567890123456").as_deref(), Some("old"), "not every card begins with 89");
        assert_eq!(carrier("8613800138000123"), None, "86138 is how numbers begin");
        let number = Msisdn::parse("+8613800138000").unwrap();
        assert_eq!(ranges.carrier(Named::Msisdn(&number)).map(|carrier| carrier.code.as_str()), Some("cmcc"));
    }
}
