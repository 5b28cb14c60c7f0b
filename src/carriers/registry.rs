use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use time::OffsetDateTime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Breaker, Carrier, CarrierError, Profiles};
use crate::ids;

/// The carriers this portal can reach, by code. Clones share the limits.
#[derive(Clone, Default)]
pub struct Carriers(Arc<Reachable>);

#[derive(Clone, Default)]
struct Reachable {
    by_code: HashMap<String, Connection>,
    /// Stands in for every other carrier: for rehearsals, where plans of new carriers may come in at any time.
    stand_in: Option<Connection>,
    /// Carriers that must know who their customers are.
    demanding_identity: HashSet<String>,
}

#[derive(Clone)]
pub struct Connection {
    pub carrier: Arc<dyn Carrier>,
    /// Where eSIM profiles are ordered, if the operator can.
    pub profiles: Option<Arc<dyn Profiles>>,
    turns: Arc<Semaphore>,
    breaker: Arc<Mutex<Breaker>>,
}

/// Whether work in the background may go to the carrier now.
pub enum Turn {
    /// Held while it goes.
    Now(OwnedSemaphorePermit),
    /// The carrier is busy with others.
    Wait,
    /// It keeps failing and is left alone.
    Resting(OffsetDateTime),
}

impl Carriers {
    /// Adds a carrier that is sent at most `at_once` renewals or questions at a time.
    pub fn with(mut self, code: &str, carrier: Arc<dyn Carrier>, at_once: usize) -> Carriers {
        Arc::make_mut(&mut self.0).by_code.insert(code.to_owned(), Connection::new(carrier, at_once));
        self
    }

    /// Orders the profiles of a carrier that was added before from here.
    pub fn with_profiles(mut self, code: &str, profiles: Arc<dyn Profiles>) -> Carriers {
        if let Some(connection) = Arc::make_mut(&mut self.0).by_code.get_mut(code) {
            connection.profiles = Some(profiles);
        }
        self
    }

    /// Renews lines of this carrier for customers only whose identity details are kept.
    pub fn demanding_identity(mut self, code: &str) -> Carriers {
        Arc::make_mut(&mut self.0).demanding_identity.insert(code.to_owned());
        self
    }

    pub fn demands_identity(&self, code: &str) -> bool {
        self.0.demanding_identity.contains(code)
    }

    /// Where a carrier's eSIM profiles are ordered, if they can be.
    pub fn profiles(&self, code: &str) -> Option<&Arc<dyn Profiles>> {
        self.get(code).ok()?.profiles.as_ref()
    }

    /// Has one carrier stand in for all that were not added.
    pub fn rehearsed_by(mut self, carrier: Arc<dyn Carrier>, at_once: usize) -> Carriers {
        Arc::make_mut(&mut self.0).stand_in = Some(Connection::new(carrier, at_once));
        self
    }

    pub fn get(&self, code: &str) -> Result<&Connection, CarrierError> {
        let missing = || CarrierError::Misconfigured(format!("no connection to {code}"));
        self.0.by_code.get(code).or(self.0.stand_in.as_ref()).ok_or_else(missing)
    }

    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.by_code.keys().map(String::as_str)
    }
}

impl Connection {
    fn new(carrier: Arc<dyn Carrier>, at_once: usize) -> Self {
        Self { carrier, profiles: None, turns: Arc::new(Semaphore::new(at_once)), breaker: Arc::default() }
    }

    /// Never waits, so a slow carrier holds up nobody else's work.
    pub fn turn(&self, now: OffsetDateTime) -> Turn {
        if let Some(until) = self.breaker().resting_until(now) {
            return Turn::Resting(until);
        }
        match self.turns.clone().try_acquire_owned() {
            Ok(permit) => Turn::Now(permit),
            Err(_) => Turn::Wait,
        }
    }

    /// Asks the carrier, unless it is left alone just now, and learns from how that went.
    pub async fn ask<T>(
        &self,
        now: OffsetDateTime,
        asking: impl Future<Output = Result<T, CarrierError>>,
    ) -> Result<T, CarrierError> {
        if self.breaker().allow(now).is_err() {
            return Err(CarrierError::Unavailable("it keeps failing and is left alone for a while".to_owned()));
        }
        let mut chance = [0u8; 1];
        ids::fill_random(&mut chance);
        let outcome = asking.await;
        self.breaker().heard(&outcome, now, chance[0]);
        outcome
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
