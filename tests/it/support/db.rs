//! A database of its own for each test, copied from a migrated template on one server.

use std::process;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use renewal_portal::db::{MIGRATOR, connect_waiting};
use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tokio::sync::OnceCell;

use super::keeper;

const PREPARING: i64 = 7_307_001;
/// How long one part of the portal waits for another: more than a machine needs that stalls for a moment, less than the
/// silence of whoever is silent on purpose.
pub const PATIENCE: Duration = Duration::from_secs(5);
const KEPT_FOR: Duration = Duration::from_secs(300);
/// A whole run makes hundreds, of twelve megabytes each.
const SWEPT_AFTER: u32 = 64;

pub struct TestDb {
    pub pool: PgPool,
    pub url: String,
}

/// An empty, migrated database. A later one removes it.
pub async fn fresh_db() -> TestDb {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let server = server().await;
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{}_{number}", seconds(), process::id());
    let mut admin = connection(&server.url).await;
    if number.is_multiple_of(SWEPT_AFTER) {
        sweep(&mut admin).await;
    }
    let copy = format!("create database {name} template {} strategy file_copy", server.template);
    admin.execute(AssertSqlSafe(copy)).await.expect("a copy of the template");
    admin.close().await.expect("an end of the admin connection");
    let url = with_database(&server.url, &name);
    let pool = connect_waiting(&url, 10, PATIENCE * 4).await.expect("a pool on the new database");
    TestDb { pool, url }
}

pub async fn connection(url: &str) -> PgConnection {
    let options = PgConnectOptions::from_str(url).expect("a database address");
    options.connect().await.expect("a connection to the test server")
}

struct TestServer {
    url: String,
    template: String,
}

async fn server() -> &'static TestServer {
    static SERVER: OnceCell<TestServer> = OnceCell::const_new();
    SERVER.get_or_init(prepare).await
}

async fn prepare() -> TestServer {
    let url = match std::env::var("TEST_PG") {
        Ok(url) => url,
        Err(_) => tokio::task::spawn_blocking(keeper::join).await.expect("a test server"),
    };
    let template = template_name();
    let mut admin = connection(&url).await;
    sqlx::query("select pg_advisory_lock($1)").bind(PREPARING).execute(&mut admin).await.expect("our turn");
    if !exists(&mut admin, &template).await {
        build_template(&mut admin, &url, &template).await;
    }
    admin.close().await.expect("an end of the admin connection");
    TestServer { url, template }
}

/// Named only when it is whole, so that a killed run leaves no half-migrated template.
async fn build_template(admin: &mut PgConnection, url: &str, template: &str) {
    let unfinished = format!("{template}_unfinished");
    for statement in
        [format!("drop database if exists {unfinished} with (force)"), format!("create database {unfinished}")]
    {
        admin.execute(AssertSqlSafe(statement)).await.expect("room for a template");
    }
    let mut inside = connection(&with_database(url, &unfinished)).await;
    MIGRATOR.run_direct(None, &mut inside, false).await.expect("the migrations");
    inside.close().await.expect("an end of the migrating connection");
    let rename = format!("alter database {unfinished} rename to {template}");
    admin.execute(AssertSqlSafe(rename)).await.expect("a finished template");
}

/// Removes databases of a while ago; one that is in use refuses and stays.
async fn sweep(admin: &mut PgConnection) {
    let oldest = seconds().saturating_sub(KEPT_FOR.as_secs());
    let names: Vec<String> = sqlx::query_scalar(r"select datname from pg_database where datname like 'test\_%'")
        .fetch_all(&mut *admin)
        .await
        .expect("the databases");
    let began = |name: &str| name.split('_').nth(1).and_then(|at| at.parse::<u64>().ok());
    for name in names.iter().filter(|name| began(name).is_some_and(|at| at < oldest)) {
        let _ = admin.execute(AssertSqlSafe(format!("drop database if exists {name}"))).await;
    }
}

async fn exists(admin: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(admin)
        .await
        .expect("the databases")
}

fn template_name() -> String {
    let mut hash = Sha256::new();
    for migration in MIGRATOR.iter() {
        hash.update(migration.version.to_be_bytes());
        hash.update(&migration.checksum);
    }
    format!("migrated_{}", &hex::encode(hash.finalize())[..16])
}

fn seconds() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().expect("a clock after 1970").as_secs()
}

fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = address.rsplit_once('/').expect("a database address that names a database");
    format!("{server}/{name}?{query}")
}
