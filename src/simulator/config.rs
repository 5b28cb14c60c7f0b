use std::collections::HashMap;
use std::time::Duration;

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
    /// What the carrier asks for a product. Where it names none, the portal's price stands.
    pub prices: HashMap<String, Money>,
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
            prices: HashMap::new(),
        }
    }
}
