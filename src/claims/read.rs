//! What was typed or pasted into the one field, and what it can be.

use super::model::Numbered;
use crate::numbers::{
    ActivationCode, ActivationCodeError, Eid, Iccid, Imei, Msisdn, NumberError, half_width, is_chinese_mobile,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    Numbered(Numbered),
    ActivationCode(ActivationCode),
}

/// Why it can't be read as any of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    Empty,
    /// A spreadsheet has rounded it.
    Shortened,
    NoCountryCode,
    /// A device's number, or that of its chip.
    Device,
    ActivationCode(ActivationCodeError),
    Other,
}

pub fn read(text: &str) -> Result<Named, Unreadable> {
    let text = half_width(text);
    let text = text.trim();
    if text.contains('$') || text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("lpa:")) {
        return ActivationCode::parse(text).map(Named::ActivationCode).map_err(Unreadable::ActivationCode);
    }
    numbered(text).map(Named::Numbered)
}

fn numbered(text: &str) -> Result<Numbered, Unreadable> {
    let plain: String = text.chars().filter(|&c| !is_filler(c)).collect();
    let digits = plain.trim_start_matches('+').trim_end_matches(['F', 'f']);
    match digits.len() {
        0 => Err(Unreadable::Empty),
        // The longest telephone number has 15 digits, and 17 where it is dialled with 00.
        _ if plain.starts_with('+') => msisdn(&plain),
        _ if plain.starts_with("00") && plain.len() <= 17 => msisdn(&format!("+{}", &plain[2..])),
        _ if Eid::parse(digits).is_ok() || is_imei(digits) => Err(Unreadable::Device),
        16.. => iccid(&plain),
        _ => at_home(&plain),
    }
}

/// A number without its country: that of a mobile in China tells itself.
fn at_home(digits: &str) -> Result<Numbered, Unreadable> {
    match digits {
        _ if !digits.bytes().all(|byte| byte.is_ascii_digit()) => match iccid(digits) {
            Err(Unreadable::Shortened) => Err(Unreadable::Shortened),
            _ => Err(Unreadable::Other),
        },
        _ if is_chinese_mobile(digits) => msisdn(&format!("+86{digits}")),
        _ if digits.strip_prefix("86").is_some_and(is_chinese_mobile) => msisdn(&format!("+{digits}")),
        _ if digits.len() >= 5 => Err(Unreadable::NoCountryCode),
        _ => Err(Unreadable::Other),
    }
}

fn iccid(text: &str) -> Result<Numbered, Unreadable> {
    Iccid::parse(text).map(Numbered::Iccid).map_err(why)
}

fn msisdn(text: &str) -> Result<Numbered, Unreadable> {
    Msisdn::parse(text).map(Numbered::Msisdn).map_err(why)
}

fn why(error: NumberError) -> Unreadable {
    match error {
        NumberError::Empty => Unreadable::Empty,
        NumberError::Shortened => Unreadable::Shortened,
        NumberError::NoCountryCode => Unreadable::NoCountryCode,
        NumberError::NotDigits | NumberError::Length(..) | NumberError::CheckDigits => Unreadable::Other,
    }
}

/// 15 digits with their check digit, and no beginning of a card's number.
fn is_imei(digits: &str) -> bool {
    digits.len() == 15 && !digits.starts_with("89") && Imei::parse(digits).is_ok()
}

/// What people put between digits, and spreadsheets around them.
fn is_filler(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '-' | '(' | ')' | '.' | '·' | '/' | '"' | '\'' | '=' | '’' | '–' | '\u{200b}' | '\u{feff}' | '\u{202a}'
                ..='\u{202e}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(text: &str) -> String {
        match read(text) {
            Ok(Named::Numbered(numbered)) => format!("{} {}", numbered.kind(), numbered.as_str()),
            Ok(Named::ActivationCode(code)) => format!("code {code}"),
            Err(why) => format!("{why:?}"),
        }
    }

    #[test]
    fn each_kind_is_known_however_it_is_written() {
        for (text, read) in [
            ("89860012345678901238", "iccid 89860012345678901238"),
            ("8986 0012 3456 7890 1238", "iccid 89860012345678901238"),
            ("８９８６００１２３４５６７８９０１２３８", "iccid 89860012345678901238"),
            ("8986001234567890120F", "iccid 8986001234567890120"),
            ("8986001234567890120f", "iccid 8986001234567890120"),
            ("'89860012345678901238", "iccid 89860012345678901238"),
            ("8986-0012-3456-7890-1238", "iccid 89860012345678901238"),
            ("89852342022021111", "iccid 89852342022021111"),
            ("+86 138 0013 8000", "msisdn +8613800138000"),
            ("＋８６ 138-0013-8000", "msisdn +8613800138000"),
            ("138 0013 8000", "msisdn +8613800138000"),
            ("86 138 0013 8000", "msisdn +8613800138000"),
            ("0086 13800138000", "msisdn +8613800138000"),
            ("00 44 7700 900 123", "msisdn +447700900123"),
            ("+44 (7700) 900.123", "msisdn +447700900123"),
            ("\u{202d}+8613800138000\u{202c}", "msisdn +8613800138000"),
            ("LPA:1$smdp.example.com$K7Q2-9XWM", "code LPA:1$smdp.example.com$K7Q2-9XWM"),
            ("lpa:1$SMDP.example.com$K7Q2-9XWM$", "code LPA:1$smdp.example.com$K7Q2-9XWM"),
            ("1$smdp.example.com$K7Q2-9XWM", "code LPA:1$smdp.example.com$K7Q2-9XWM"),
            (" ＬＰＡ：1＄smdp.example.com＄K7Q2-9XWM ", "code LPA:1$smdp.example.com$K7Q2-9XWM"),
        ] {
            assert_eq!(read_as(text), read, "{text}");
        }
    }

    #[test]
    fn what_is_none_of_them_is_told_apart() {
        for (text, why) in [
            ("", "Empty"),
            (" \u{3000} ", "Empty"),
            ("+", "Empty"),
            ("F", "Empty"),
            ("8.98600E+19", "Shortened"),
            ("89860012345678900000", "Shortened"),
            ("55123456", "NoCountryCode"),
            ("7700900123", "NoCountryCode"),
            ("352099001761481", "Device"),
            ("89049032007108882600137544319616", "Device"),
            ("LPA:1$smdp.example.com", "ActivationCode(Format)"),
            ("LPA:", "ActivationCode(Empty)"),
            ("$", "ActivationCode(Empty)"),
            ("1$localhost$X", "ActivationCode(Host)"),
            ("hello", "Other"),
            ("12", "Other"),
            ("+86138001380001234", "Other"),
            ("8986001234567890123456", "Other"),
            ("我的卡", "Other"),
        ] {
            assert_eq!(read_as(text), why, "{text}");
        }
    }
}
