//! Our reading of numbers, held against python-stdnum, phonenumbers and plain arithmetic.
//!
//! Meant differences: a failing check digit of an ICCID is a hint to us and no refusal, so it is the hint that is compared;
//! python-stdnum takes an IMEI of 14 digits, whose check digit nobody wrote down, and we don't. Whether a telephone number
//! can be in use is a hint as well: our library and theirs, of the same metadata, disagree on a few numbers in a thousand,
//! many of them with a trunk digit after the country code; on the country they never do.

use crate::support::peers;
use renewal_portal::numbers::{Eid, Iccid, Imei, Msisdn, luhn};
use serde_json::{Value, json};
use std::time::SystemTime;

const EACH: usize = 32_000;
/// Fewer of these: reading one takes our library milliseconds where it is built without optimisation.
const MSISDNS: usize = 4_000;

/// Chance that can be had again from its seed (xorshift*).
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Self(u64::try_from(now.as_nanos() & u128::from(u64::MAX)).unwrap() | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn between(&mut self, from: usize, to: usize) -> usize {
        from + usize::try_from(self.below((to - from + 1) as u64)).unwrap()
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap())).collect()
    }

    /// As it may be pasted: with blanks, with hyphens, in full width.
    fn pasted(&mut self, text: String) -> String {
        let grouped = |by: &str| {
            let digits: Vec<char> = text.chars().collect();
            digits.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(by)
        };
        match self.below(8) {
            0 => grouped(" "),
            1 => grouped("-"),
            2 => text.chars().map(wide).collect(),
            3 => format!(" {text}\n"),
            _ => text,
        }
    }
}

fn wide(character: char) -> char {
    if character.is_ascii_graphic() { char::from_u32(u32::from(character) + 0xfee0).unwrap() } else { character }
}

/// With the check digit that makes it right.
fn checked(body: &str) -> String {
    ('0'..='9').map(|digit| format!("{body}{digit}")).find(|digits| luhn(digits)).unwrap()
}

fn iccid(chance: &mut Chance) -> String {
    let length = chance.between(17, 21);
    let body = format!("89{}", chance.digits(length - 3));
    let number = if chance.below(2) == 0 { checked(&body) } else { body + &chance.digits(1) };
    let filler = ["", "F", "f"][chance.between(0, 2)];
    chance.pasted(number + filler)
}

fn imei(chance: &mut Chance) -> String {
    let number = match chance.below(4) {
        0 | 1 => checked(&chance.digits(14)),
        2 => chance.digits(15),
        _ => {
            let length = [3, 12, 13, 16, 17, 18][chance.between(0, 5)];
            chance.digits(length)
        }
    };
    chance.pasted(number)
}

fn eid(chance: &mut Chance) -> String {
    let body = format!("89{}", chance.digits(28));
    let rest = format!("{body}00").bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    let number = match chance.below(4) {
        0 | 1 => format!("{body}{:02}", 98 - rest),
        2 => body + &chance.digits(2),
        _ => {
            let length = chance.between(28, 36);
            chance.digits(length)
        }
    };
    chance.pasted(number)
}

/// Half of them begin as numbers do that are in use.
fn msisdn(chance: &mut Chance) -> String {
    const IN_USE: [&str; 12] =
        ["8613", "8618", "8525", "8529", "447", "1202", "4915", "336", "8190", "659", "6681", "39"];
    let start = if chance.below(2) == 0 { IN_USE[chance.between(0, IN_USE.len() - 1)] } else { "" };
    let length = chance.between(6, 15);
    let first = if start.is_empty() {
        char::from(b'1' + u8::try_from(chance.below(9)).unwrap()).to_string()
    } else {
        start.to_owned()
    };
    let rest = chance.digits(length.saturating_sub(first.len()));
    chance.pasted(format!("+{first}{rest}"))
}

fn ours(kind: &str, text: &str) -> Value {
    match kind {
        "iccid" => json!(Iccid::parse(text).is_ok_and(|iccid| iccid.looks_right())),
        "imei" => json!(Imei::parse(text).is_ok()),
        "eid" => json!(Eid::parse(text).is_ok()),
        _ => match Msisdn::parse(text) {
            Ok(number) if number.looks_right() => json!([true, number.country_code().parse::<u32>().unwrap()]),
            _ => json!([false, null]),
        },
    }
}

#[tokio::test]
async fn a_hundred_thousand_numbers_are_judged_alike() {
    let mut chance = Chance::new();
    let seed = chance.0;
    let mut asked: Vec<(&str, String)> = Vec::with_capacity(3 * EACH + MSISDNS);
    for _ in 0..EACH {
        asked.push(("iccid", iccid(&mut chance)));
        asked.push(("imei", imei(&mut chance)));
        asked.push(("eid", eid(&mut chance)));
    }
    let mut msisdns: Vec<_> = (0..MSISDNS).map(|_| msisdn(&mut chance)).collect();
    // By country, so that one country's rules are read once.
    msisdns.sort_by_key(|text| Msisdn::parse(text).ok().map(|number| number.to_string()));
    asked.extend(msisdns.into_iter().map(|text| ("msisdn", text)));
    let theirs: Vec<Value> = peers::ask("numbers.py", &asked).await;
    assert_eq!(theirs.len(), asked.len());
    let (mut differ, mut doubtful) = (Vec::new(), Vec::new());
    let mut right = std::collections::BTreeMap::<&str, usize>::new();
    for ((kind, text), theirs) in asked.iter().zip(theirs) {
        let ours = ours(kind, text);
        // The country of a number that nobody can have is nobody's business.
        let theirs = if theirs[0] == json!(false) { json!([false, null]) } else { theirs };
        *right.entry(kind).or_default() += usize::from(ours == json!(true) || ours[0] == json!(true));
        if ours != theirs {
            let one_doubts = *kind == "msisdn" && ours[0] != theirs[0];
            let found = if one_doubts { &mut doubtful } else { &mut differ };
            found.push(format!("{kind} {text:?}: we say {ours}, they say {theirs}"));
        }
    }
    let first = &differ[..differ.len().min(20)];
    assert!(differ.is_empty(), "seed {seed}: {} differ:\n{}", differ.len(), first.join("\n"));
    assert!(doubtful.len() < MSISDNS / 100, "seed {seed}: {} differ:\n{}", doubtful.len(), doubtful.join("\n"));
    for (kind, right) in right {
        let all = if kind == "msisdn" { MSISDNS } else { EACH };
        assert!((all / 50..all * 9 / 10).contains(&right), "{kind}: {right} of {all} are right, which proves little");
    }
}
