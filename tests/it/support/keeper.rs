//! One server for every test process. Each test may be a process of its own, so none of them can own the
//! server: a process in the background does, and ends when no test has used it for a while.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use renewal_portal::db::{Durability, Embedded};

const AS_KEEPER: &str = "RENEWAL_PORTAL_TEST_KEEPER";
const LINGER: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(20);

/// The address of the shared server, which stays until this process ends.
pub fn join() -> String {
    static USING: OnceLock<File> = OnceLock::new();
    let folder = folder();
    // A keeper that is about to end holds this lock until its server is gone.
    let using = lock_file(&folder, "users.lock");
    using.lock_shared().expect("a place among the users");
    USING.set(using).expect("the server is joined once");

    let begun = Instant::now();
    let mut keepers = 0;
    while begun.elapsed() < PATIENCE {
        if lock_file(&folder, "keeper.lock").try_lock().is_ok() {
            keepers += 1;
            assert!(keepers <= 10, "no test server: {}", read(&folder.join("keeper.log")));
            spawn(&folder);
            sleep(PAUSE * 10);
        } else if let Ok(url) = fs::read_to_string(folder.join("url")) {
            return url;
        }
        sleep(PAUSE);
    }
    panic!("no test server after {PATIENCE:?}: {}", read(&folder.join("keeper.log")));
}

/// Not a test: the process in the background runs this.
#[test]
#[ignore = "only runs as the keeper of the test server"]
fn keep() {
    if std::env::var_os(AS_KEEPER).is_none() {
        return;
    }
    let folder = folder();
    let keeping = lock_file(&folder, "keeper.lock");
    if keeping.try_lock().is_err() {
        return;
    }
    let address = folder.join("url");
    let _ = fs::remove_file(&address);
    let server = Embedded::start(&folder.join("data"), Durability::None, &|line| eprintln!("{line}"));
    let server = server.unwrap_or_else(|error| panic!("{error:#}"));
    fs::write(folder.join("url.new"), server.url()).expect("room for the address");
    fs::rename(folder.join("url.new"), &address).expect("room for the address");
    let nobody_left = wait_for_idleness(&folder);
    let _ = fs::remove_file(&address);
    server.stop();
    drop(keeping);
    drop(nobody_left);
}

/// The lock that keeps new users out, once there were none for a while.
fn wait_for_idleness(folder: &Path) -> File {
    let users = lock_file(folder, "users.lock");
    let mut last_used = Instant::now();
    loop {
        sleep(Duration::from_millis(500));
        if users.try_lock().is_err() {
            last_used = Instant::now();
        } else if last_used.elapsed() > LINGER {
            return users;
        } else {
            users.unlock().expect("the users' lock back");
        }
    }
}

#[allow(clippy::zombie_processes)] // it outlives this process on purpose
fn spawn(folder: &Path) {
    let log = File::create(folder.join("keeper.log")).expect("a log");
    Command::new(std::env::current_exe().expect("our own program"))
        .args(["--exact", "support::keeper::keep", "--ignored", "--nocapture"])
        .env(AS_KEEPER, "1")
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("a keeper");
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres");
    fs::create_dir_all(&folder).expect("room under target");
    folder
}

fn lock_file(folder: &Path, name: &str) -> File {
    let mut options = File::options();
    options.create(true).append(true).open(folder.join(name)).expect("a lock file")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
