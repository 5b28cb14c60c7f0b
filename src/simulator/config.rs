use std::collections::HashMap;
use std::time::Duration;

use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::money::Money;

/// How long things take and how often they fail.
#[derive(Clone, Debug)]
pub struct Config {
    /// Shortest and longest time an ordinary renewal takes.
    pub usual: (Duration, Duration),
    /// How long `120` takes.
    pub slow: Duration,
    /// How long `101` and `102` say nothing; longer than the portal waits.
    pub silence: Duration,
    /// How often `102` and `107` go wrong before they go well.
    pub faults: i32,
    /// How often `104` is turned away before it is let in.
    pub unavailable: i32,
    /// Days that `106` gives less than the plan says.
    pub short_days: i64,
    /// How long DT One holds what is not confirmed.
    pub held_for: Duration,
    /// How many of a hundred renewals end in a 500 with nothing done, and how many with all done.
    pub broken_before: u8,
    pub broken_after: u8,
    /// What the carrier asks for a product. Where it names none, the portal's price stands.
    pub prices: HashMap<String, Money>,
    /// Whom the carriers tell what happens to their lines.
    pub listener: Option<Listener>,
}

#[derive(Clone, Debug)]
pub struct Listener {
    /// The carrier's code follows.
    pub address: String,
    /// What their notices are signed with.
    pub secret: SecretString,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            usual: (Duration::from_secs(1), Duration::from_secs(3)),
            slow: Duration::from_secs(20),
            silence: Duration::from_secs(60),
            faults: 1,
            unavailable: 3,
            short_days: 5,
            held_for: Duration::from_secs(7_200),
            broken_before: 0,
            broken_after: 0,
            prices: HashMap::new(),
            listener: None,
        }
    }
}

impl Config {
    pub fn breaks_before(&self, request_id: &str, tries: i32) -> bool {
        of_hundred(request_id, tries, "before") < self.broken_before
    }

    pub fn breaks_after(&self, request_id: &str, tries: i32) -> bool {
        of_hundred(request_id, tries, "after") < self.broken_after
    }
}

/// A number from 0 to 99 that is the same for the same try, so that a rehearsal repeats.
fn of_hundred(request_id: &str, tries: i32, salt: &str) -> u8 {
    Sha256::digest(format!("{salt}\n{request_id}\n{tries}"))[0] % 100
}
