//! The server process, tied to ours.

use std::fs::{self, File, OpenOptions};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Durability;
use super::build::Build;
use super::home::{self, Home};

const PATIENCE: Duration = Duration::from_secs(60);

/// The parent of postgres. Its input is a pipe that only we hold, so it closes however we end, kill -9
/// included. The shutdown is asked for again and again: a server that is still starting ignores the first.
const KEEPER: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
(cat <&3 >/dev/null; while kill -INT $server; do sleep 0.1; done) 2>/dev/null &
watch=$!
exec 3<&-
trap '' INT TERM HUP
wait $server
code=$?
kill -9 $watch 2>/dev/null
exit $code
"#;

pub(super) struct Server {
    keeper: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

pub(super) fn launch(home: &Home, build: &Build, durability: Durability) -> Result<Server> {
    wait_for_the_last_one(home);
    let mut command = command(home, build, durability)?;
    let mut server = Server { keeper: command.spawn().context("cannot start /bin/sh")? };
    let begun = Instant::now();
    while !answers(&home.folder) {
        if begun.elapsed() > PATIENCE {
            bail!("PostgreSQL is not ready after {PATIENCE:?}; see {}", home.log().display());
        }
        if server.keeper.try_wait()?.is_some() {
            // The backends of a killed server hold its shared memory for a moment, and the new one gives up.
            if begun.elapsed() > PATIENCE / 4 {
                bail!("PostgreSQL does not start: {}", last_words(&home.log()));
            }
            std::thread::sleep(Duration::from_millis(200));
            server = Server { keeper: command.spawn()? };
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(server)
}

/// `postmaster.pid` says `ready` on its eighth line; a stale file says so too, hence the socket.
pub(super) fn answers(folder: &Path) -> bool {
    let Ok(text) = fs::read_to_string(folder.join("pgdata/postmaster.pid")) else {
        return false;
    };
    let ready = text.lines().nth(7).is_some_and(|state| state.trim() == "ready");
    ready && UnixStream::connect(home::sockets(folder).join(".s.PGSQL.5432")).is_ok()
}

/// We hold the lock, so a server that answers belongs to a process that was killed, and is stopping.
fn wait_for_the_last_one(home: &Home) {
    let begun = Instant::now();
    while answers(&home.folder) && begun.elapsed() < Duration::from_secs(15) {
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn command(home: &Home, build: &Build, durability: Durability) -> Result<Command> {
    let log = open_log(&home.log())?;
    let mut command = home.run_as.command(Path::new("/bin/sh"));
    build.set_libraries(&mut command);
    command.args(["-c", KEEPER, "renewal-portal-postgres"]);
    command.arg(build.bin.join("postgres")).arg("-D").arg(home.data()).arg("-k").arg(&home.sockets);
    for setting in settings(durability) {
        command.arg("-c").arg(setting);
    }
    // A group of its own: Ctrl-C in the terminal is for us, and we end the server in our own order.
    command.process_group(0).stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
    Ok(command)
}

fn settings(durability: Durability) -> Vec<&'static str> {
    let mut settings = vec![
        "listen_addresses=",
        "unix_socket_permissions=0700",
        "max_connections=200",
        "timezone=UTC",
        "log_timezone=UTC",
        "jit=off",
    ];
    if durability == Durability::None {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
    }
    settings
}

fn open_log(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).open(path).with_context(|| format!("cannot write {}", path.display()))
}

fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
