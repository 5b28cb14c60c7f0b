//! Numbers of documents, as they are printed.

use super::DocumentKind;
use crate::numbers::half_width;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Too short, too long, or with signs that no document has.
    Form,
    /// Its check digit does not fit.
    Mistyped,
}

/// Without what is typed between its parts. Countries write them in too many ways to know more of most.
pub fn tidied(typed: &str, kind: DocumentKind, country: &str) -> Result<String, Unfit> {
    let plain: String = half_width(typed).chars().filter(|c| !c.is_whitespace() && !"-/().".contains(*c)).collect();
    let number = plain.to_ascii_uppercase();
    let has_form = (5..=20).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !has_form || !number.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(Unfit::Form);
    }
    if kind == DocumentKind::NationalId && country == "CN" && !is_resident_number(&number) {
        return Err(Unfit::Mistyped);
    }
    Ok(number)
}

/// GB 11643-1999: 17 digits and a check digit modulo 11, where ten is written X.
fn is_resident_number(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let Some((digits, check)) = number.split_at_checked(17) else { return false };
    let digits: Option<Vec<u32>> = digits.chars().map(|c| c.to_digit(10)).collect();
    let sum = digits.map(|digits| digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum::<u32>());
    sum.is_some_and(|sum| "10X98765432".chars().nth(sum as usize % 11).is_some_and(|fits| check == fits.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_as_people_type_them() {
        for (typed, number) in
            [("e 1234-5678", "E12345678"), ("Ａ１２３４５６(7)", "A1234567"), (" c01x00t47 ", "C01X00T47")]
        {
            assert_eq!(tidied(typed, DocumentKind::Passport, "DE").as_deref(), Ok(number));
        }
        for typed in ["", "1234", "ABCDEFG", "E1234567é", "E<script>1234", &"1".repeat(21)] {
            assert_eq!(tidied(typed, DocumentKind::Passport, "DE"), Err(Unfit::Form), "{typed}");
        }
    }

    #[test]
    fn a_resident_number_has_its_check_digit() {
        let read = |typed| tidied(typed, DocumentKind::NationalId, "CN");
        assert_eq!(read("11010519491231002x").as_deref(), Ok("11010519491231002X"));
        assert_eq!(read("440308 19990110 5110").is_ok(), is_resident_number("440308199901105110"));
        for typed in ["110105194912310021", "11010519491231002", "1101051949123100200", "X1010519491231002X"] {
            assert_eq!(read(typed), Err(Unfit::Mistyped), "{typed}");
        }
        assert!(tidied("110105194912310021", DocumentKind::NationalId, "HK").is_ok(), "others count otherwise");
    }
}
