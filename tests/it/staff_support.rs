//! The whole portal over the made-up operator, and a member of its staff at the door.

use std::net::{Ipv4Addr, SocketAddr};

use renewal_portal::clock::Clock;
use renewal_portal::demo::parts::{Parts, Setup};
use renewal_portal::demo::seed;
use renewal_portal::mail::Mailer;
use renewal_portal::simulator::Config;
use renewal_portal::worker;
use sqlx::PgPool;
use tokio::sync::watch;

use crate::support::db::{TestDb, fresh_db};
use crate::support::visitor::{Answer, Visitor, encoded};

const PASSWORD: &str = "renew-demo-2026";

pub struct Office {
    pub db: TestDb,
    pub parts: Parts,
    stop: watch::Sender<bool>,
}

impl Office {
    pub async fn open() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let db = fresh_db().await;
        seed::unless_seeded(&db.pool, |_| {}).await.unwrap();
        let setup = Setup {
            pool: db.pool.clone(),
            database_url: db.url.clone(),
            base_url: "http://127.0.0.1:9".into(),
            simulator: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            simulator_config: Config::default(),
            clock: Clock::real(),
            mailer: Mailer::Mailbox,
            patience: crate::support::PATIENCE,
        };
        let parts = Parts::start(setup).await.unwrap();
        Self { db, parts, stop: watch::channel(false).0 }
    }

    pub fn pool(&self) -> &PgPool {
        &self.db.pool
    }

    /// Runs jobs as the portal does, until the office closes.
    pub fn work(&self) {
        tokio::spawn(worker::run(self.parts.app.clone(), 2, self.stop.subscribe()));
    }

    pub fn visitor(&self) -> Visitor {
        Visitor::new(&self.parts.router())
    }

    pub async fn staff(&self) -> Visitor {
        self.signed_in("/staff/login", "staff@demo.example").await
    }

    pub async fn signed_in(&self, door: &str, email: &str) -> Visitor {
        let mut visitor = self.visitor();
        visitor.get(door).await;
        let answer = visitor.post(door, &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        visitor
    }

    pub async fn text(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(self.pool()).await.expect(sql)
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.pool()).await.expect(sql)
    }

    /// The address of Li Wei's page.
    pub async fn li_wei(&self) -> String {
        format!(
            "/staff/accounts/{}",
            self.text("select id::text from accounts where email = 'li.wei@demo.example'").await
        )
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

pub async fn search(staff: &mut Visitor, text: &str) -> Answer {
    staff.get(&format!("/staff/accounts?q={}", encoded(text))).await
}
