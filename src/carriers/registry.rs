use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Carrier, CarrierError};

/// The carriers this portal can reach, by code. Clones share the limits.
#[derive(Clone, Default)]
pub struct Carriers(Arc<Reachable>);

#[derive(Clone, Default)]
struct Reachable {
    by_code: HashMap<String, Connection>,
    /// Stands in for every other carrier: for rehearsals, where plans of new carriers may come in at any time.
    stand_in: Option<Connection>,
}

#[derive(Clone)]
pub struct Connection {
    pub carrier: Arc<dyn Carrier>,
    turns: Arc<Semaphore>,
}

impl Carriers {
    /// Adds a carrier that is sent at most `at_once` renewals or questions at a time.
    pub fn with(mut self, code: &str, carrier: Arc<dyn Carrier>, at_once: usize) -> Carriers {
        Arc::make_mut(&mut self.0).by_code.insert(code.to_owned(), Connection::new(carrier, at_once));
        self
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
        Self { carrier, turns: Arc::new(Semaphore::new(at_once)) }
    }

    /// `None` while the carrier is busy with others. Never waits, so a slow carrier holds up
    /// nobody else's work.
    pub fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.turns.clone().try_acquire_owned().ok()
    }
}
