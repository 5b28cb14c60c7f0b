//! The numbers a line is known by. What people paste is tidied first: full-width digits, blanks,
//! a trailing filler `F`, the quotes and apostrophes by which spreadsheets keep text as text.

mod activation;
#[cfg(test)]
mod tests;

pub use activation::{ActivationCode, ActivationCodeError};

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    #[error(
        "the spreadsheet has shortened this number and its last digits are lost; format the column as text, paste the numbers again and save once more"
    )]
    Shortened,
    #[error("is empty")]
    Empty,
    #[error("has something in it that is not a digit")]
    NotDigits,
    #[error("has {0} digits; {1} are expected")]
    Length(usize, &'static str),
    #[error("is written without + and country code; write it as +8613800138000")]
    NoCountryCode,
    #[error("is mistyped: its check digits do not fit")]
    CheckDigits,
}

/// The number printed on the card; 19 or 20 digits as a rule, fewer with some carriers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Iccid(String);

impl Iccid {
    pub fn parse(text: &str) -> Result<Iccid, NumberError> {
        let text = tidy(text).to_ascii_uppercase();
        refuse_shortened(&text)?;
        let digits = text.trim_end_matches('F');
        expect_digits(digits)?;
        if !(16..=21).contains(&digits.len()) {
            return Err(NumberError::Length(digits.len(), "19 or 20"));
        }
        let rounded = digits.len() > 18 && digits[15..].bytes().all(|digit| digit == b'0');
        if rounded && !luhn(digits) {
            return Err(NumberError::Shortened);
        }
        Ok(Iccid(digits.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Real cards exist that fail this: a hint at a typing error, never a refusal.
    pub fn looks_right(&self) -> bool {
        luhn(&self.0)
    }

    /// `8986 0012 3456 7890 1238`
    pub fn grouped(&self) -> String {
        in_groups(&self.0, &[4, 4, 4, 4, 4, 4])
    }
}

/// A telephone number in international form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Msisdn(String);

impl Msisdn {
    pub fn parse(text: &str) -> Result<Msisdn, NumberError> {
        let text = tidy(text);
        refuse_shortened(&text)?;
        let Some(digits) = text.strip_prefix('+') else {
            expect_digits(&text)?;
            return Err(NumberError::NoCountryCode);
        };
        expect_digits(digits)?;
        if !(5..=15).contains(&digits.len()) {
            return Err(NumberError::Length(digits.len(), "5 to 15"));
        }
        Ok(Msisdn(text))
    }

    /// As people type it: with blanks and brackets, 00 for the plus, or a mobile in China without its country.
    pub fn typed(text: &str) -> Option<Msisdn> {
        let plain: String = tidy(text)
            .chars()
            .filter(|c| !matches!(c, '(' | ')' | '.' | '·' | '/' | '–' | '\u{202a}'..='\u{202e}'))
            .collect();
        match plain.as_str() {
            abroad if abroad.starts_with("00") => Msisdn::parse(&format!("+{}", &abroad[2..])).ok(),
            mobile if is_chinese_mobile(mobile) => Msisdn::parse(&format!("+86{mobile}")).ok(),
            mobile if mobile.strip_prefix("86").is_some_and(is_chinese_mobile) => {
                Msisdn::parse(&format!("+{mobile}")).ok()
            }
            number => Msisdn::parse(number).ok(),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Numbering plans change faster than programs: a hint at a typing error, never a refusal.
    pub fn looks_right(&self) -> bool {
        phonenumber::parse(None, &self.0).is_ok_and(|number| number.is_valid())
    }

    /// The country in which such numbers are given out, where the numbering plan tells: `CN`.
    pub fn region(&self) -> Option<String> {
        let number = phonenumber::parse(None, &self.0).ok()?;
        number.country().id().map(|id| id.as_ref().to_owned())
    }

    /// `86`
    pub fn country_code(&self) -> &str {
        let digits = &self.0[1..];
        &digits[..country_code_length(digits)]
    }

    /// `138 0013 8120` at home in China, `+44 7700 885 485` elsewhere.
    pub fn grouped(&self) -> String {
        let digits = &self.0[1..];
        let country = self.country_code();
        let rest = &digits[country.len()..];
        let groups: &[usize] = match rest.len() {
            11 => &[3, 4, 4],
            10 => &[4, 3, 3],
            9 => &[3, 3, 3],
            8 => &[4, 4],
            7 => &[3, 4],
            _ => &[4, 4, 4],
        };
        let rest = in_groups(rest, groups);
        if country == "86" && digits.len() == 13 { rest } else { format!("+{country} {rest}") }
    }
}

/// The number of the chip that holds eSIM profiles.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Eid(String);

impl Eid {
    pub fn parse(text: &str) -> Result<Eid, NumberError> {
        let text = tidy(text);
        refuse_shortened(&text)?;
        expect_digits(&text)?;
        if text.len() != 32 {
            return Err(NumberError::Length(text.len(), "32"));
        }
        let rest = text.bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
        if rest == 1 { Ok(Eid(text)) } else { Err(NumberError::CheckDigits) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number of a device; with a software version at its end (IMEISV) it has no check digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Imei(String);

impl Imei {
    pub fn parse(text: &str) -> Result<Imei, NumberError> {
        let text: String = tidy(text).chars().filter(|&character| character != '/').collect();
        refuse_shortened(&text)?;
        expect_digits(&text)?;
        match text.len() {
            15 if !luhn(&text) => Err(NumberError::CheckDigits),
            15 | 16 => Ok(Imei(text)),
            length => Err(NumberError::Length(length, "15 or 16")),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! shown_plainly {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
shown_plainly!(Iccid Msisdn Eid Imei);

/// A number without its country that tells itself where it is from.
pub fn is_chinese_mobile(digits: &str) -> bool {
    let plain = digits.len() == 11 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain && digits.starts_with('1') && !digits[1..].starts_with(['0', '1', '2'])
}

/// Full-width forms become plain ones.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
            '\u{3000}' | '\u{a0}' => ' ',
            other => other,
        })
        .collect()
}

/// What is nothing but digits once it is tidied.
pub fn digits(text: &str) -> Result<String, NumberError> {
    let text = tidy(text);
    refuse_shortened(&text)?;
    expect_digits(&text)?;
    Ok(text)
}

fn tidy(text: &str) -> String {
    half_width(text)
        .chars()
        .filter(|character| {
            !character.is_whitespace() && !matches!(character, '-' | '"' | '\'' | '=' | '’' | '\u{200b}' | '\u{feff}')
        })
        .collect()
}

fn refuse_shortened(text: &str) -> Result<(), NumberError> {
    let shortened = text.split_once(['E', 'e']).is_some_and(|(mantissa, exponent)| {
        let is_number = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_digit())
                && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',')
        };
        is_number(mantissa) && is_number(exponent.trim_start_matches('+'))
    });
    if shortened { Err(NumberError::Shortened) } else { Ok(()) }
}

fn expect_digits(text: &str) -> Result<(), NumberError> {
    if text.is_empty() {
        Err(NumberError::Empty)
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(NumberError::NotDigits)
    }
}

/// The check-digit rule of cards and IMEIs; expects digits only.
pub fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            match at % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn country_code_length(digits: &str) -> usize {
    let two: u32 = digits[..2].parse().unwrap_or(0);
    match two {
        10..=19 | 70..=79 => 1,
        20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 => 2,
        81 | 82 | 84 | 86 | 90..=95 | 98 => 2,
        _ => 3,
    }
}

fn in_groups(digits: &str, groups: &[usize]) -> String {
    let mut rest = digits;
    let mut shown = String::with_capacity(digits.len() + groups.len());
    for &size in groups {
        let (group, left) = rest.split_at(size.min(rest.len()));
        if !shown.is_empty() && !group.is_empty() {
            shown.push(' ');
        }
        shown.push_str(group);
        rest = left;
    }
    shown + rest
}
