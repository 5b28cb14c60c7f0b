//! How far an import is, told at most once a second.

use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Checking,
    Writing,
}

pub struct Progress<'a> {
    tell: &'a mut (dyn FnMut(Stage, usize, usize) + Send),
    every: Duration,
    told: Instant,
    total: usize,
    checked: usize,
    to_write: usize,
    written: usize,
}

impl<'a> Progress<'a> {
    pub fn new(tell: &'a mut (dyn FnMut(Stage, usize, usize) + Send), every: Duration, total: usize) -> Self {
        Progress { tell, every, told: Instant::now(), total, checked: 0, to_write: 0, written: 0 }
    }

    pub(super) fn checked(&mut self) {
        self.checked += 1;
        self.maybe(Stage::Checking, self.checked, self.total);
    }

    pub(super) fn will_write(&mut self, rows: usize) {
        self.to_write = rows;
    }

    pub(super) fn wrote(&mut self, rows: usize) {
        self.written += rows;
        self.maybe(Stage::Writing, self.written, self.to_write);
    }

    fn maybe(&mut self, stage: Stage, done: usize, total: usize) {
        if self.told.elapsed() >= self.every {
            (self.tell)(stage, done, total);
            self.told = Instant::now();
        }
    }
}
