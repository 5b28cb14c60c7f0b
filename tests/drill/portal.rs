//! The real program as its own process, which can be killed and started again on the same data.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use renewal_portal::db::{self, Durability, Embedded};
use sqlx::PgPool;

const PATIENCE: Duration = Duration::from_secs(180);

pub struct Portal {
    data: PathBuf,
    port: u16,
    process: Child,
}

impl Portal {
    pub async fn start(data: &Path) -> Self {
        let port = free_ports();
        let portal = Self { data: data.to_owned(), port, process: launch(data, port, "start.log") };
        portal.ready().await;
        portal
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Dies as a process dies whose machine loses power; then comes back.
    pub async fn crash(&mut self) {
        self.kill();
        self.process = launch(&self.data, self.port, "again.log");
        self.ready().await;
    }

    pub fn kill(&mut self) {
        self.process.kill().expect("a process to kill");
        self.process.wait().expect("its end");
    }

    /// A pool on the database it runs on now; it ends with the next crash.
    pub async fn database(&self) -> PgPool {
        let data = self.data.clone();
        let shared = tokio::task::spawn_blocking(move || Embedded::start(&data, Durability::Full, &|_| ()));
        let shared = shared.await.expect("a task").expect("the database");
        assert!(shared.shared(), "the portal runs the database");
        db::connect_waiting(shared.url(), 4, PATIENCE).await.expect("a pool")
    }

    /// What `renewal-portal audit` prints, and whether it found nothing.
    pub fn audit(&self) -> (bool, String) {
        let ran = command(&self.data).arg("audit").arg("--data-dir").arg(&self.data).output().expect("an audit");
        (ran.status.success(), String::from_utf8_lossy(&ran.stdout).into_owned())
    }

    async fn ready(&self) {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let address = format!("{}/health/ready", self.url());
        let begun = Instant::now();
        while !http.get(&address).send().await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(begun.elapsed() < PATIENCE, "the portal does not come up; see {}", self.data.display());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn launch(data: &Path, port: u16, log: &str) -> Child {
    std::fs::create_dir_all(data).expect("a data folder");
    let log = std::fs::File::options().create(true).append(true).open(data.join(log)).expect("a log");
    let mut command = command(data);
    command.args(["demo", "--port", &port.to_string(), "--data-dir"]).arg(data);
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log).spawn().expect("the program")
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(program());
    command.current_dir(data).env_remove("DATABASE_URL").env_remove("PORT");
    command
}

/// The one built with these tests, or another such as the optimised one.
fn program() -> PathBuf {
    let built = env!("CARGO_BIN_EXE_renewal-portal").into();
    std::env::var_os("DRILL_PROGRAM").map_or(built, |path| std::fs::canonicalize(path).expect("DRILL_PROGRAM"))
}

/// Three in a row: portal, carrier, metrics.
fn free_ports() -> u16 {
    let first = u16::try_from(21_000 + std::process::id() % 9_000).expect("a port");
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    (first..first + 2_000).step_by(3).find(|port| (*port..port + 3).all(free)).expect("three free ports")
}
