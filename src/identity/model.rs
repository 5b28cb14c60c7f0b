use super::document::{self, Unfit};
use crate::accounts::name;
use crate::countries;
use crate::lang::Lang;
use serde::{Deserialize, Serialize};
use time::Date;
use time::format_description::well_known::Iso8601;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    Passport,
    NationalId,
    ResidencePermit,
}

/// What is sealed. It has no `Debug`, so that no log can hold it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// As the document has it.
    pub name: String,
    pub kind: DocumentKind,
    /// ISO 3166 code of the country or region.
    pub issued_by: String,
    pub number: String,
    /// The last day it is valid on; some have none.
    pub valid_until: Option<Date>,
}

/// As much of it as its owner needs to know it again.
pub struct Masked {
    pub name: String,
    pub number: String,
}

/// What somebody typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub name: String,
    pub kind: String,
    pub issued_by: String,
    pub number: String,
    pub valid_until: String,
}

/// A field and what is wrong with it, by the key of its text.
pub type Wrong = (&'static str, &'static str);

impl DocumentKind {
    pub const ALL: [Self; 3] = [Self::NationalId, Self::Passport, Self::ResidencePermit];

    pub fn code(self) -> &'static str {
        match self {
            Self::Passport => "passport",
            Self::NationalId => "national_id",
            Self::ResidencePermit => "residence_permit",
        }
    }

    pub fn key(self) -> &'static str {
        match self {
            Self::Passport => "identity-kind-passport",
            Self::NationalId => "identity-kind-national-id",
            Self::ResidencePermit => "identity-kind-residence-permit",
        }
    }
}

impl Identity {
    pub fn masked(&self) -> Masked {
        let first = |word: &str| word.chars().take(1).chain("••".chars()).collect::<String>();
        let shown = if self.number.len() > 8 { 4 } else { 2 };
        let (_, end) = self.number.split_at(self.number.len().saturating_sub(shown));
        Masked {
            name: self.name.split(' ').map(first).collect::<Vec<_>>().join(" "), number: format!("••••{end}")
        }
    }
}

impl Typed {
    /// Everything that is wrong with it at once.
    pub fn read(&self, today: Date) -> Result<Identity, Vec<Wrong>> {
        let name = name::tidied(&self.name, name::LONGEST).map_err(|_| ("name", "identity-wrong-name"));
        let kind = DocumentKind::ALL.into_iter().find(|kind| kind.code() == self.kind);
        let kind = kind.ok_or(("kind", "identity-wrong-kind"));
        let country = countries::name(&self.issued_by, Lang::En).map(|_| self.issued_by.to_ascii_uppercase());
        let issued_by = country.ok_or(("issued_by", "identity-wrong-country"));
        let number = document::tidied(
            &self.number,
            kind.unwrap_or(DocumentKind::Passport),
            issued_by.as_deref().unwrap_or_default(),
        );
        let number = number.map_err(|unfit| match unfit {
            Unfit::Form => ("number", "identity-wrong-number"),
            Unfit::Mistyped => ("number", "identity-wrong-check"),
        });
        match (name, kind, issued_by, number, self.until(today)) {
            (Ok(name), Ok(kind), Ok(issued_by), Ok(number), Ok(valid_until)) => {
                Ok(Identity { name, kind, issued_by, number, valid_until })
            }
            (name, kind, issued_by, number, until) => {
                let wrong = [name.err(), kind.err(), issued_by.err(), number.err(), until.err()];
                Err(wrong.into_iter().flatten().collect())
            }
        }
    }

    fn until(&self, today: Date) -> Result<Option<Date>, Wrong> {
        match self.valid_until.trim() {
            "" => Ok(None),
            typed => match Date::parse(typed, &Iso8601::DATE) {
                Ok(date) if date < today => Err(("valid_until", "identity-wrong-over")),
                Ok(date) => Ok(Some(date)),
                Err(_) => Err(("valid_until", "identity-wrong-date")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn typed(change: impl FnOnce(&mut Typed)) -> Typed {
        let mut typed = Typed {
            name: " Ana  Mora ".into(),
            kind: "passport".into(),
            issued_by: "de".into(),
            number: "c01x 00t47".into(),
            valid_until: "2026-11-23".into(),
        };
        change(&mut typed);
        typed
    }

    #[test]
    fn what_fits_is_tidied_and_masked() {
        let read = typed(|_| ()).read(date!(2026 - 11 - 23));
        let Ok(identity) = read else { panic!("it was refused") };
        assert_eq!((identity.name.as_str(), identity.issued_by.as_str()), ("Ana Mora", "DE"));
        assert_eq!((identity.number.as_str(), identity.valid_until), ("C01X00T47", Some(date!(2026 - 11 - 23))));
        let masked = identity.masked();
        assert_eq!((masked.name.as_str(), masked.number.as_str()), ("A•• M••", "••••0T47"));
        let short = Identity { name: "李伟".into(), number: "A1234567".into(), ..identity };
        assert_eq!((short.masked().name.as_str(), short.masked().number.as_str()), ("李••", "••••67"));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let today = date!(2026 - 11 - 24);
        let fields = |typed: Typed| typed.read(today).err().unwrap_or_default();
        let all = fields(Typed { valid_until: "soon".into(), ..Typed::default() });
        assert_eq!(
            all.iter().map(|(field, _)| *field).collect::<Vec<_>>(),
            ["name", "kind", "issued_by", "number", "valid_until"]
        );
        assert_eq!(fields(typed(|_| ())), [("valid_until", "identity-wrong-over")]);
        assert!(fields(typed(|typed| typed.valid_until.clear())).is_empty(), "some documents have no end");
        let resident = typed(|typed| {
            (typed.kind, typed.issued_by, typed.valid_until) = ("national_id".into(), "CN".into(), String::new());
        });
        assert_eq!(fields(resident), [("number", "identity-wrong-check")]);
    }
}
