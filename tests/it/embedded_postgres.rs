use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use renewal_portal::db::{Durability, Embedded, begin, connect, embedded};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Postgres, Transaction};

use crate::support::db::{connection, fresh_db};
use crate::support::tcp_proxy::SlowLine;

const OWNED_FOLDER: &str = "RENEWAL_PORTAL_TEST_OWNED_FOLDER";

#[tokio::test]
async fn rows_survive_a_killed_owner() {
    let folder = Folder::new("killed");
    let mut owner = Owner::start(&folder.0);
    let mut writer = connection(&owner.url).await;
    run(&mut writer, "create table kept (n int)").await;
    for n in 0..50 {
        sqlx::query("insert into kept values ($1)").bind(n).execute(&mut writer).await.unwrap();
    }
    owner.kill();

    let begun = Instant::now();
    let server = start(&folder.0);
    assert!(begun.elapsed() < Duration::from_secs(10), "the restart took {:?}", begun.elapsed());
    assert!(!server.shared());
    let mut reader = connection(server.url()).await;
    let kept: i64 = sqlx::query_scalar("select count(*) from kept").fetch_one(&mut reader).await.unwrap();
    assert_eq!(kept, 50);
    server.stop();
}

#[tokio::test]
async fn a_killed_owner_takes_its_server_along() {
    let folder = Folder::new("along");
    let mut owner = Owner::start(&folder.0);
    let mut session = connection(&owner.url).await;
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut session).await.unwrap();
    assert!(pid > 0);
    owner.kill();
    let deadline = Instant::now() + Duration::from_secs(10);
    while sqlx::query("select 1").execute(&mut session).await.is_ok() {
        assert!(Instant::now() < deadline, "the server outlived its owner");
    }
}

#[tokio::test]
async fn a_second_process_shares_the_server() {
    let folder = Folder::new("shared");
    let owner = Owner::start(&folder.0);
    let mut first = connection(&owner.url).await;
    run(&mut first, "create table seen_by_both (n int)").await;

    let guest = start(&folder.0);
    assert!(guest.shared());
    assert_eq!(guest.url(), owner.url);
    let mut second = connection(guest.url()).await;
    run(&mut second, "insert into seen_by_both values (1)").await;
    guest.stop();
    run(&mut first, "insert into seen_by_both values (2)").await;
}

#[tokio::test]
async fn a_long_path_gets_a_short_socket() {
    let folder = Folder::new(&"long-".repeat(20));
    let server = start(&folder.0);
    run(&mut connection(server.url()).await, "select 1").await;
    server.stop();
    embedded::erase(&folder.0).unwrap();
}

/// A browser that goes away during BEGIN must not take a later customer's row with it.
#[tokio::test]
async fn a_cancelled_begin_loses_nothing() {
    let db = fresh_db().await;
    run(&mut connection(&db.url).await, "create table acknowledged (n int)").await;
    let line = slow_line(&db.url).await;
    let pool = connect(&line.url, 1).await.unwrap();
    for n in 1..=5 {
        assert_eq!(rows_after_a_cancelled_begin(&line, &pool, &db.pool, begin(&pool)).await, n);
    }
}

/// The same under sqlx's own `begin`. When this fails, sqlx has mended itself and the remedy can go.
#[tokio::test]
async fn a_cancelled_begin_of_sqlx_loses_rows() {
    let db = fresh_db().await;
    run(&mut connection(&db.url).await, "create table acknowledged (n int)").await;
    let line = slow_line(&db.url).await;
    let pool = PgPoolOptions::new().max_connections(1).connect(&line.url).await.unwrap();
    assert_eq!(rows_after_a_cancelled_begin(&line, &pool, &db.pool, pool.begin()).await, 0);
}

async fn slow_line(url: &str) -> SlowLine {
    SlowLine::to(url, Duration::from_millis(40), b"BEGIN\0").await
}

async fn rows_after_a_cancelled_begin(
    line: &SlowLine,
    pool: &PgPool,
    others: &PgPool,
    begin: impl Future<Output = sqlx::Result<Transaction<'static, Postgres>>>,
) -> i64 {
    tokio::select! {
        _ = begin => panic!("BEGIN was answered before it could be cancelled"),
        () = line.watched_message() => {}
    }
    let insert = sqlx::query("insert into acknowledged values (1)").execute(pool).await.unwrap();
    assert_eq!(insert.rows_affected(), 1);
    sqlx::query_scalar("select count(*) from acknowledged").fetch_one(others).await.unwrap()
}

#[tokio::test]
async fn an_idle_transaction_is_ended_by_the_server() {
    let db = fresh_db().await;
    let setting: String =
        sqlx::query_scalar("show idle_in_transaction_session_timeout").fetch_one(&db.pool).await.unwrap();
    assert_eq!(setting, "5s");
}

/// Not a test: the process that the tests above kill.
#[test]
#[ignore = "only runs as the owner of another test's server"]
fn own() {
    let Some(folder) = std::env::var_os(OWNED_FOLDER) else {
        return;
    };
    let begun = Instant::now();
    let server = Embedded::start(Path::new(&folder), Durability::Full, &|line| println!("said {line}"));
    let server = server.unwrap_or_else(|error| panic!("{error:#}"));
    println!("took {:?}", begun.elapsed());
    println!("url {}", server.url());
    let _ = std::io::stdin().read_line(&mut String::new());
}

struct Owner {
    process: Child,
    url: String,
}

impl Owner {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "embedded_postgres::own", "--ignored", "--nocapture"])
            .env(OWNED_FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines.map_while(Result::ok).find_map(|line| Some(line.split_once("url ")?.1.to_owned()));
        Self { process, url: url.expect("the owner's server") }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn start(folder: &Path) -> Embedded {
    Embedded::start(folder, Durability::Full, &|_| ()).unwrap()
}

async fn run(connection: &mut sqlx::PgConnection, sql: &'static str) {
    sqlx::query(sql).execute(connection).await.unwrap();
}
