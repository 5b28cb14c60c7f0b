//! One process per data folder starts the server; the kernel frees the lock however that process ends.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{home, server};

/// A first start may have to download a server.
const PATIENCE: Duration = Duration::from_secs(300);

pub(super) enum Turn {
    Own,
    Share,
}

pub(super) fn open(data_dir: &Path) -> Result<File> {
    let path = data_dir.join("postgres.lock");
    File::create(&path).with_context(|| format!("cannot write {}", path.display()))
}

pub(super) fn take_turn(lock: &File, data_dir: &Path, say: &dyn Fn(&str)) -> Result<Turn> {
    let begun = Instant::now();
    let mut told = false;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(Turn::Own),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                return Err(error).context("cannot lock the data folder");
            }
        }
        if server::answers(&home::current(data_dir)) {
            return Ok(Turn::Share);
        }
        if begun.elapsed() > PATIENCE {
            bail!("{} is in use, but its database does not answer", data_dir.display());
        }
        if !told && begun.elapsed() > Duration::from_secs(1) {
            say("Another process is starting this database; waiting for it");
            told = true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
