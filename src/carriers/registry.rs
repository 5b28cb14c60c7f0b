use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Carrier, CarrierError};

/// The carriers this portal can reach, by code. Clones share the limits.
#[derive(Clone, Default)]
pub struct Carriers(HashMap<String, Connection>);

#[derive(Clone)]
pub struct Connection {
    pub carrier: Arc<dyn Carrier>,
    turns: Arc<Semaphore>,
}

impl Carriers {
    /// Adds a carrier that is sent at most `at_once` renewals or questions at a time.
    pub fn with(mut self, code: &str, carrier: Arc<dyn Carrier>, at_once: usize) -> Carriers {
        let turns = Arc::new(Semaphore::new(at_once));
        self.0.insert(code.to_owned(), Connection { carrier, turns });
        self
    }

    pub fn get(&self, code: &str) -> Result<&Connection, CarrierError> {
        let missing = || CarrierError::Misconfigured(format!("no connection to {code}"));
        self.0.get(code).ok_or_else(missing)
    }

    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl Connection {
    /// `None` while the carrier is busy with others. Never waits, so a slow carrier holds up
    /// nobody else's work.
    pub fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.turns.clone().try_acquire_owned().ok()
    }
}
