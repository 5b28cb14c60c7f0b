//! The clock that is passed in. Business time may run ahead of real time: the demo's rehearsal and the tests move it forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use time::{Duration, OffsetDateTime};

/// Business time: real time plus what it was moved ahead by. Clones share the offset.
#[derive(Clone, Default, Debug)]
pub struct Clock {
    ahead_seconds: Arc<AtomicI64>,
}

impl Clock {
    pub fn real() -> Self {
        Self::default()
    }

    /// A clock that reads `start` now and runs on from there.
    pub fn starting_at(start: OffsetDateTime) -> Self {
        let clock = Self::default();
        clock.set_ahead((start - real_now()).whole_seconds());
        clock
    }

    pub fn now(&self) -> OffsetDateTime {
        real_now() + Duration::seconds(self.ahead_seconds())
    }

    pub fn ahead_seconds(&self) -> i64 {
        self.ahead_seconds.load(Ordering::Relaxed)
    }

    pub fn set_ahead(&self, seconds: i64) {
        self.ahead_seconds.store(seconds, Ordering::Relaxed);
    }

    pub fn advance(&self, by: Duration) {
        self.ahead_seconds.fetch_add(by.whole_seconds(), Ordering::Relaxed);
    }
}

#[allow(clippy::disallowed_methods)] // the one place that reads the machine's clock
fn real_now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    // Postgres keeps microseconds; a finer instant would come back changed.
    now.replace_nanosecond(now.microsecond() * 1_000).unwrap_or(now)
}
