//! A real PostgreSQL, started for one data folder and stopped with us.

mod build;
mod fetch;
mod find;
mod home;
mod init;
mod lock;
mod run_as;
mod server;

use std::path::Path;

use anyhow::{Context, Result};

use home::Home;
use lock::Turn;
use server::Server;

/// What a commit promises: `None` is for tests, which may lose everything with the machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    Full,
    None,
}

/// The running server. The process that started it owns it; others on the same folder share it.
pub struct Embedded {
    url: String,
    server: Option<Server>,
    _lock: std::fs::File,
}

impl Embedded {
    /// Blocks until the server answers; `say` hears what takes time.
    pub fn start(data_dir: &Path, durability: Durability, say: &dyn Fn(&str)) -> Result<Self> {
        std::fs::create_dir_all(data_dir)
            .with_context(|| format!("cannot create the data folder {}", data_dir.display()))?;
        let data_dir = data_dir.canonicalize()?;
        let lock = lock::open(&data_dir)?;
        let server = match lock::take_turn(&lock, &data_dir, say)? {
            Turn::Share => None,
            Turn::Own => Some(launch(&data_dir, durability, say)?),
        };
        let sockets = home::sockets(&home::current(&data_dir));
        Ok(Self { url: url(&sockets), server, _lock: lock })
    }

    /// A connection string for the database `portal`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether another process owns the server.
    pub fn shared(&self) -> bool {
        self.server.is_none()
    }

    /// Stops an owned server and waits for it; a shared one stays.
    pub fn stop(mut self) {
        self.server.take();
    }
}

/// Removes the data folder's database, wherever it was put. Nothing may run on it.
pub fn erase(data_dir: &Path) -> Result<()> {
    if data_dir.exists() {
        home::erase(&data_dir.canonicalize()?)?;
    }
    Ok(())
}

fn launch(data_dir: &Path, durability: Durability, say: &dyn Fn(&str)) -> Result<Server> {
    let home = Home::prepare(data_dir, say)?;
    let build = find::build(&home, say)?;
    if !home.data().join("PG_VERSION").exists() {
        init::create(&home, &build, durability, say)?;
    }
    server::launch(&home, &build, durability)
}

fn url(sockets: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut url = String::from("postgres://portal@localhost/portal?host=");
    for &byte in sockets.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => url.push(char::from(byte)),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}
