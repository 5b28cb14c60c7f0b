//! Lines their carrier knows, and a second door to the portal whose carrier signs with a known secret.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use renewal_portal::app::App;
use renewal_portal::carriers::Carriers;
use renewal_portal::carriers::simulator::SimulatorClient;
use renewal_portal::ids::{AccountId, LineId};
use renewal_portal::web::server::{self, Limits};
use renewal_portal::{router, simulator, sync};
use sha2::Sha256;
use tokio::net::TcpListener;

use crate::support::portal::TestPortal;

pub const SECRET: &str = "the carriers' secret of these tests";

impl TestPortal {
    /// A line of this account that its carrier knows as well.
    pub async fn known_line(&self, holder: AccountId, ending: &str) -> LineId {
        let line = self.line(holder, ending).await;
        simulator::stock::take(&mut self.db.pool.acquire().await.unwrap()).await.unwrap();
        line
    }

    /// The carriers are asked after whatever is due.
    pub async fn sync(&self) {
        let app = &self.app;
        sync::schedule_all(&app.pool, &self.clock, &app.carriers).await.unwrap();
        self.run("update jobs set run_at = now() - interval '1 day' where kind = 'sync-lines'").await;
        self.work().await;
    }

    /// Nobody is asked until `sync` is called again.
    pub async fn hold_the_sync(&self) {
        self.work().await;
        self.run("delete from jobs where kind = 'sync-lines'").await;
    }

    /// A day and a bit later, so that each line is due again.
    pub async fn sync_later(&self) {
        self.pass(time::Duration::hours(30));
        self.sync().await;
    }

    pub async fn text(&self, sql: &'static str) -> Option<String> {
        sqlx::query_scalar(sql).fetch_one(&self.db.pool).await.unwrap()
    }

    pub async fn iccid(&self, line: LineId) -> String {
        sqlx::query_scalar("select iccid from lines where id = $1").bind(line).fetch_one(&self.db.pool).await.unwrap()
    }
}

pub struct Door {
    pub url: String,
    pub http: reqwest::Client,
}

impl Door {
    pub async fn open(portal: &TestPortal) -> Self {
        let mut app = portal.app.clone();
        let client = SimulatorClient::new(portal.carrier_url(), crate::support::PATIENCE).unwrap().hearing(SECRET);
        let deaf = SimulatorClient::new(portal.carrier_url(), crate::support::PATIENCE).unwrap();
        app.carriers = Carriers::default().with("cucc", Arc::new(client), 4).with("cmcc", Arc::new(deaf), 4);
        Self::of(&app).await
    }

    pub async fn of(app: &App) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let pages = router::pages(app, &[]);
        tokio::spawn(server::serve(listener, pages, Limits::default(), std::future::pending()));
        Self { url, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    pub async fn send(&self, carrier: &str, body: &[u8], signature: &str) -> u16 {
        let request = self.http.post(format!("{}/webhooks/carriers/{carrier}", self.url));
        let request = request.header("simulator-signature", signature).body(body.to_vec());
        request.send().await.unwrap().status().as_u16()
    }

    pub async fn tell(&self, body: &str) -> u16 {
        self.send("cucc", body.as_bytes(), &signature(SECRET, body.as_bytes())).await
    }
}

pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}
