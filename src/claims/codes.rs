//! Codes that are sent to a telephone and typed: kept as a salted hash, compared in constant time.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::Duration;

pub const LIFETIME: Duration = Duration::minutes(10);
pub const MOST_TRIES: i32 = 5;
pub const DIGITS: usize = 6;

pub fn hash(salt: &[u8], code: &str) -> Vec<u8> {
    Sha256::new().chain_update(salt).chain_update(code.as_bytes()).finalize().to_vec()
}

/// Without a hash every code is wrong, after the same work.
pub fn is_right(salt: &[u8], known: Option<&[u8]>, code: &str) -> bool {
    let given = hash(salt, code);
    bool::from(known.unwrap_or(&[0; 32]).ct_eq(&given)) && known.is_some()
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
