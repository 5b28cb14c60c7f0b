//! The whole portal as a newcomer starts it: seeded, with its carrier, its bank and its worker, on ports of its own.

use crate::support::db::{TestDb, fresh_db};
use renewal_portal::app::App;
use renewal_portal::clock::Clock;
use renewal_portal::demo::parts::{Parts, Setup};
use renewal_portal::demo::seed;
use renewal_portal::mail::Mailer;
use renewal_portal::simulator::Config;
use renewal_portal::web::server::{self, Limits};
use renewal_portal::worker;
use sqlx::PgPool;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub const PASSWORD: &str = "renew-demo-2026";

pub struct TestPortal {
    pub url: String,
    pub pool: PgPool,
    pub app: App,
    stop: watch::Sender<bool>,
}

impl TestPortal {
    pub async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let TestDb { pool, url: database_url } = fresh_db().await;
        seed::unless_seeded(&pool, |_| {}).await.expect("a seeded demo");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let url = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
        let setup = Setup {
            pool: pool.clone(),
            database_url,
            base_url: url.clone(),
            simulator: (Ipv4Addr::LOCALHOST, 0).into(),
            simulator_config: Config {
                usual: (Duration::from_millis(50), Duration::from_millis(150)),
                ..Config::default()
            },
            clock: Clock::real(),
            mailer: Mailer::Mailbox,
            patience: Duration::from_secs(3),
        };
        let parts = Parts::start(setup).await.expect("the demo's parts");
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(worker::run(parts.app.clone(), 4, stopping.clone()));
        parts.notify(stopping.clone());
        let told = async move { drop(stopping.clone().wait_for(|stop| *stop).await) };
        tokio::spawn(server::serve(listener, parts.router(), Limits::default(), told));
        Self { url, pool, app: parts.app, stop }
    }
}

impl Drop for TestPortal {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
