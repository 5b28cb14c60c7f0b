//! Hashing passwords is work by design, so only as many run as there are cores; a short queue waits, the rest is told
//! to come back. Everybody else's pages stay fast.
use std::{
    sync::{LazyLock, OnceLock},
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};
use unicode_normalization::UnicodeNormalization;
pub use zxcvbn::feedback::Warning;

use crate::config::brand;

/// NIST SP 800-63B-4: fifteen characters where nothing else is asked for.
pub const SHORTEST: usize = 15;
const LONGEST_BYTES: usize = 1024;
const PATIENCE: Duration = Duration::from_secs(5);

// One of the equally strong settings of the OWASP password storage sheet, and the fastest of them here.
const MEMORY_KIB: u32 = 12288;
const PASSES: u32 = 3;
const LANES: u32 = 1;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unfit {
    TooShort,
    TooLong,
    TooEasy(Option<Warning>),
    AboutYou,
    /// Another site has lost it.
    Leaked,
    Unchanged,
}

/// How long a fit password would be guessed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    Fair,
    Good,
    Strong,
}

/// `about` is what others know of this person: a password made of it is guessed first.
pub fn fit(password: &str, about: &[&str]) -> Result<(), Unfit> {
    strength(password, about).map(drop)
}

pub fn strength(password: &str, about: &[&str]) -> Result<Strength, Unfit> {
    let password = normal(password);
    if password.len() > LONGEST_BYTES {
        return Err(Unfit::TooLong);
    }
    if password.chars().count() < SHORTEST {
        return Err(Unfit::TooShort);
    }
    let words = words(about);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if is_made_of(&password.to_lowercase(), &words) {
        return Err(Unfit::AboutYou);
    }
    let judged = zxcvbn::zxcvbn(&password, &words);
    match u8::from(judged.score()) {
        0 | 1 => Err(Unfit::TooEasy(judged.feedback().and_then(|advice| advice.warning()))),
        2 => Ok(Strength::Fair),
        3 => Ok(Strength::Good),
        _ => Ok(Strength::Strong),
    }
}

pub fn same(one: &str, other: &str) -> bool {
    normal(one) == normal(other)
}

fn words(about: &[&str]) -> Vec<String> {
    let parts = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let brand = brand();
    let ours = [brand.name_zh.as_str(), brand.name_en.as_str(), "renewal", "renew", "portal", "esim", "续费"];
    let all = about.iter().copied().chain(parts).chain(ours).chain(brand.name_en.split_whitespace());
    all.map(str::to_lowercase).filter(|word| word.chars().count() >= 2).collect()
}

/// Nothing of one's own is left once the known words, digits and marks are taken away.
fn is_made_of(password: &str, words: &[&str]) -> bool {
    let mut longest_first = words.to_vec();
    longest_first.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = longest_first
        .iter()
        .filter(|word| word.len() >= 3)
        .fold(password.to_owned(), |rest, word| rest.replace(word, ""));
    rest.len() < password.len() && rest.chars().filter(|c| c.is_alphabetic()).count() < 3
}

/// The same characters typed on two keyboards may arrive as different code points.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

#[derive(Debug, thiserror::Error)]
pub enum HashError {
    #[error("too many passwords are being checked")]
    Busy,
    #[error("hashing failed: {0}")]
    Failed(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Right,
    /// Right, but hashed with settings we no longer use.
    RightButOld,
    Wrong,
}

pub async fn hash(password: &str) -> Result<String, HashError> {
    let password = normal(password);
    work(place()?, move || hash_now(&password)).await
}

/// Takes as long for nobody's password as for somebody's.
pub async fn verify(password: &str, stored: Option<String>) -> Result<Verdict, HashError> {
    verify_in(place()?, password, stored).await
}

/// For who has a place already.
pub async fn verify_in(place: Place, password: &str, stored: Option<String>) -> Result<Verdict, HashError> {
    if password.len() > LONGEST_BYTES {
        return Ok(Verdict::Wrong);
    }
    let password = normal(password);
    work(place, move || match stored {
        Some(stored) => verify_now(&password, &stored),
        None => verify_now(&password, nobodys()?).map(|_| Verdict::Wrong),
    })
    .await
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String, HashError> {
    Ok(argon2()?.hash_password(password.as_bytes()).map_err(failed)?.to_string())
}

fn verify_now(password: &str, stored: &str) -> Result<Verdict, HashError> {
    let stored = PasswordHash::new(stored).map_err(failed)?;
    let argon2 = argon2()?;
    if argon2.verify_password(password.as_bytes(), &stored).is_err() {
        return Ok(Verdict::Wrong);
    }
    let params = Params::try_from(&stored).map_err(failed)?;
    let current = (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES);
    Ok(if current && stored.algorithm.as_str() == "argon2id" { Verdict::Right } else { Verdict::RightButOld })
}

fn nobodys() -> Result<&'static str, HashError> {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash);
    }
    let hash = hash_now("nobody has this password")?;
    Ok(HASH.get_or_init(|| hash))
}

fn failed(error: impl std::fmt::Display) -> HashError {
    HashError::Failed(error.to_string())
}

// Cores belong to the process, not to an application object: so does their limit.
static QUEUE: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(cores() * 128));
static CORES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(cores()));

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Among those whose password is hashed next. Taken before a try is counted, so that nobody loses one by being turned away.
pub struct Place(#[allow(dead_code, reason = "held, not read")] SemaphorePermit<'static>);

pub fn place() -> Result<Place, HashError> {
    QUEUE.try_acquire().map(Place).map_err(|_| HashError::Busy)
}

async fn work<T: Send + 'static>(
    _place: Place,
    job: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    let core = timeout(PATIENCE, CORES.acquire()).await.map_err(|_| HashError::Busy)?.map_err(failed)?;
    // The core stays taken until the work is done, even when the one who asked has gone.
    let done = tokio::task::spawn_blocking(move || {
        let _core = core;
        job()
    });
    done.await.map_err(failed)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_is_right() {
        let stored = hash("correct horse battery").await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"), "{stored}");
        assert_eq!(verify("correct horse battery", Some(stored.clone())).await.unwrap(), Verdict::Right);
        assert_eq!(verify("correct horse batterz", Some(stored)).await.unwrap(), Verdict::Wrong);
        assert_eq!(verify("nobody has this password", None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_hash_of_older_settings_is_right_but_old() {
        let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(1024, 1, 1, None).unwrap());
        let stored = weaker.hash_password(b"correct horse battery").unwrap().to_string();
        assert_eq!(verify("correct horse battery", Some(stored)).await.unwrap(), Verdict::RightButOld);
    }

    #[tokio::test]
    async fn one_password_typed_on_two_keyboards() {
        let stored = hash("caf\u{e9} im garten").await.unwrap();
        assert_eq!(verify("cafe\u{301} im garten", Some(stored)).await.unwrap(), Verdict::Right);
    }

    #[test]
    fn passwords_that_are_refused_and_why() {
        let about = ["li.wei@demo.example", "Li Wei"];
        for (password, expected) in [
            ("short", Err(Unfit::TooShort)),
            ("fourteen marks", Err(Unfit::TooShort)),
            ("十四个汉字也还是不够长的密码", Err(Unfit::TooShort)),
            ("passwordpassword", Err(Unfit::TooEasy(Some(Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess)))),
            ("aaaaaaaaaaaaaaaa", Err(Unfit::TooEasy(Some(Warning::RepeatsLikeAaaAreEasyToGuess)))),
            ("abcdefghijklmnop", Err(Unfit::TooEasy(Some(Warning::SequencesLikeAbcAreEasyToGuess)))),
            ("li.wei@demo.example1", Err(Unfit::AboutYou)),
            ("renewal2026renewal", Err(Unfit::AboutYou)),
            ("Renewal Centre 2026!", Err(Unfit::AboutYou)),
            ("续费中心续费中心2026-2026", Err(Unfit::AboutYou)),
            ("violet-kettle-93", Ok(())),
            ("今天天气不错我们一起去爬山看日出", Ok(())),
        ] {
            assert_eq!(fit(password, &about), expected, "{password}");
        }
        assert_eq!(fit(&"x".repeat(1025), &about), Err(Unfit::TooLong));
        assert_eq!(fit(&"long enough to be safe ".repeat(4), &about), Ok(()));
    }
}
