use crate::db::{self, Durability, Embedded};
use anyhow::Context;
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use std::path::PathBuf;

/// Which database a command works on.
#[derive(Args, Clone, Debug)]
pub struct DatabaseArgs {
    /// A PostgreSQL server (15 or newer), such as postgres://user:password@host/portal; `serve` takes no other database.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,
    /// The folder of the embedded database, used where DATABASE_URL is not set; works beside a portal that runs on it.
    #[arg(long, env = "DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
}

/// The database of `serve`, which does without an embedded one.
#[derive(Args, Clone, Debug)]
pub struct ServerArgs {
    /// A PostgreSQL server (15 or newer), such as postgres://user:password@host/portal
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,
}

impl ServerArgs {
    pub fn url(&self) -> Option<&str> {
        given(&self.database_url)
    }

    pub async fn open(&self, connections: u32) -> anyhow::Result<PgPool> {
        let url = self.url().context("DATABASE_URL is missing")?;
        db::connect(url, connections).await.context("DATABASE_URL")
    }
}

fn given(url: &Option<SecretString>) -> Option<&str> {
    url.as_ref().map(|url| url.expose_secret()).filter(|url| !url.is_empty())
}

/// A connected database; the embedded server, if this is one, stops with it.
pub struct Database {
    pub pool: PgPool,
    pub url: String,
    embedded: Option<Embedded>,
}

impl DatabaseArgs {
    pub fn url(&self) -> Option<&str> {
        given(&self.database_url)
    }

    pub async fn open(&self, connections: u32, say: fn(&str)) -> anyhow::Result<Database> {
        let (url, embedded) = match self.url() {
            Some(url) => (url.to_owned(), None),
            None => {
                let data_dir = self.data_dir.clone();
                let embedded =
                    tokio::task::spawn_blocking(move || Embedded::start(&data_dir, Durability::Full, &say)).await??;
                (embedded.url().to_owned(), Some(embedded))
            }
        };
        let pool = db::connect(&url, connections).await?;
        Ok(Database { pool, url, embedded })
    }
}

impl Database {
    pub async fn close(self) {
        self.pool.close().await;
        if let Some(embedded) = self.embedded {
            let _ = tokio::task::spawn_blocking(move || embedded.stop()).await;
        }
    }
}
