//! A carrier to rehearse with, on an address of its own, reached over HTTP like any other. It keeps
//! its own truth about lines and a ledger of renewals in the schema `simulator`, so it forgets
//! nothing when it is killed. The last three digits of a line's number choose how it behaves.

#![expect(clippy::result_large_err, reason = "where a request is refused, the error is the answer itself")]

pub mod airalo;
mod api;
mod config;
pub mod dt_one;
mod es2plus;
pub mod esim_access;
pub mod esim_go;
mod face;
mod from_afar;
pub mod ledger;
mod magic;
mod notify;
pub mod one_global;
mod queries;
mod renew;
pub mod stock;
pub mod tm_forum;
mod wire;

pub use config::{Config, Listener};

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;

const CONNECTIONS: u32 = 4;
const PATIENCE: Duration = Duration::from_secs(3);

/// A running simulator. It serves until it is stopped; dropping the handle leaves it running.
pub struct Simulator {
    pub addr: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct App {
    pool: PgPool,
    clock: Clock,
    config: Arc<Config>,
    stop: watch::Receiver<bool>,
}

impl Simulator {
    /// Opens its books, making them at the first start, and listens. Port 0 picks a free one.
    pub async fn start(database_url: &str, addr: SocketAddr, clock: Clock, config: Config) -> Result<Simulator> {
        let pool = crate::db::connect(database_url, CONNECTIONS).await?;
        queries::create_schema(&pool).await.context("the carrier simulator's tables can't be made")?;
        let listener = TcpListener::bind(addr).await.with_context(|| format!("{addr} can't be listened on"))?;
        let addr = listener.local_addr()?;
        let (stop, stopping) = watch::channel(false);
        let app = App { pool, clock, config: Arc::new(config), stop: stopping.clone() };
        let server = tokio::spawn(serve(listener, app, stopping));
        Ok(Simulator { addr, stop, server })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Ends it; exchanges under way get a moment to finish.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let _ = tokio::time::timeout(PATIENCE, self.server).await;
    }
}

async fn serve(listener: TcpListener, app: App, mut stopping: watch::Receiver<bool>) {
    let pool = app.pool.clone();
    let stopped = async move {
        if stopping.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    if let Err(error) = axum::serve(listener, api::router(app)).with_graceful_shutdown(stopped).await {
        tracing::error!(%error, "the carrier simulator ended");
    }
    pool.close().await;
}
