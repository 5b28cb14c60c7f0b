//! An order to pay, the sandbox gateway and our notification address, over real HTTP and a database of their own.

use super::db::{TestDb, fresh_db};
use super::stripe;
use axum::Router;
use axum::extract::FromRef;
use axum::routing::post;
use renewal_portal::clock::Clock;
use renewal_portal::ids::{AccountId, AttemptId, LineId, OrderId};
use renewal_portal::jobs::{Claimed, Done, JobError, run_due};
use renewal_portal::money::{Currency, Money};
use renewal_portal::payments::gateway::{News, Notice, Payer};
use renewal_portal::payments::model::Attempt;
use renewal_portal::payments::model::Device;
use renewal_portal::payments::sandbox::{Key, SandboxGateway, Settings};
use renewal_portal::payments::{
    self, Gateways, OpenPayment, Presentation, Purpose, close, queries, query, refund, webhooks,
};
use renewal_portal::sandbox::{self, Sandbox};
use sqlx::PgPool;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

pub const SECRET: &str = "the secret of these tests";
pub const AMOUNT: i64 = 3000;

pub struct World {
    pub db: TestDb,
    pub clock: Clock,
    pub gateways: Gateways,
    pub sandbox: Sandbox,
    pub base: String,
    pub http: reqwest::Client,
    account: AccountId,
    line: LineId,
}

#[derive(Clone, FromRef)]
struct Inbox {
    pool: PgPool,
    clock: Clock,
    gateways: Gateways,
}

pub async fn world() -> World {
    world_with(vec![]).await
}

/// The sandbox, and others beside it.
pub async fn world_with(others: Vec<Arc<dyn payments::Gateway>>) -> World {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = fresh_db().await;
    let clock = Clock::real();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let sandbox = start_sandbox(&db.pool, &clock, &base).await;
    let alipay = renewal_portal::demo::alipay::gateway(&base, super::PATIENCE, &clock).unwrap();
    let mut all: Vec<Arc<dyn payments::Gateway>> =
        vec![Arc::new(adapter(&base, &clock, SECRET)), Arc::new(stripe::adapter(&base, stripe::KEY)), alipay];
    all.extend(others);
    let gateways = Gateways::rehearsal(all);
    let inbox = Inbox { pool: db.pool.clone(), clock: clock.clone(), gateways: gateways.clone() };
    let app = Router::new()
        .route("/webhooks/{gateway}", post(webhooks::receive))
        .with_state(inbox)
        .nest("/sandbox", sandbox.router());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let (account, line) = customer(&db.pool, clock.now()).await;
    World { db, clock, gateways, sandbox, base, http, account, line }
}

async fn start_sandbox(pool: &PgPool, clock: &Clock, base: &str) -> Sandbox {
    let settings = sandbox::Settings {
        public_url: format!("{base}/sandbox"),
        keys: vec![sandbox::Key { id: "k1".into(), secret: SECRET.to_owned().into() }],
        stripe: Some(stripe::account(base)),
        alipay: Some(renewal_portal::demo::alipay::contract().unwrap()),
        hang: super::PATIENCE * 2,
    };
    Sandbox::start(pool.clone(), clock.clone(), settings).await.unwrap()
}

pub fn adapter(base: &str, clock: &Clock, secret: &str) -> SandboxGateway {
    let settings = Settings {
        address: format!("{base}/sandbox").parse().unwrap(),
        notify_url: format!("{base}/webhooks/sandbox"),
        merchant: "Renewal Centre".into(),
        keys: vec![Key { id: "k1".into(), secret: secret.to_owned().into() }],
        timeout: super::PATIENCE,
    };
    SandboxGateway::new(settings, clock.clone()).unwrap()
}

async fn customer(pool: &PgPool, now: OffsetDateTime) -> (AccountId, LineId) {
    let (account, line) = (AccountId::new(), LineId::new());
    sqlx::query("insert into accounts (id, email, email_key, name, created_at) values ($1, 'a@b.example', 'a@b.example', 'A', $2)")
        .bind(account)
        .bind(now)
        .execute(pool)
        .await
        .unwrap();
    sqlx::raw_sql(
        "insert into carriers (code, name_zh, name_en) values ('carrier_a', '甲', 'A');
         insert into plans (code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_bytes, coverage, price_minor,
                            currency, effect, carrier_product, created_at)
         values ('PLAN-30', 'carrier_a', '{esim}', '三十天', '30 days', 'day', 30, 1000, '{CN}', 3000, 'CNY', 'stack', 'P30', now())",
    )
    .execute(pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into lines (id, account_id, kind, carrier, iccid, plan, time_zone, valid_from, valid_until, anchor_day,
                            usage_as_of, since, created_at)
         values ($1, $2, 'esim', 'carrier_a', '8986001234567890123', 'PLAN-30', 'Asia/Shanghai', '2026-11-01', '2026-11-30', 1, $3, $3, $3)",
    )
    .bind(line)
    .bind(account)
    .bind(now)
    .execute(pool)
    .await
    .unwrap();
    (account, line)
}

impl World {
    /// The same world, seen by a process that was started with other gateways.
    pub fn with_gateways(&self, gateways: Gateways) -> World {
        let db = TestDb { pool: self.db.pool.clone(), url: self.db.url.clone() };
        let (clock, sandbox, base, http) =
            (self.clock.clone(), self.sandbox.clone(), self.base.clone(), self.http.clone());
        World { db, clock, gateways, sandbox, base, http, account: self.account, line: self.line }
    }

    /// An order that waits for its money.
    pub async fn order(&self) -> OrderId {
        let (id, now) = (OrderId::new(), self.clock.now());
        sqlx::query(
            "insert into orders (id, number, account_id, line_id, plan, attempt_key, amount_minor, currency, effect, time_zone,
                                 before_from, before_until, promised_from, promised_until, promised_anchor_day, expires_at, created_at,
                                 plan_zh, plan_en, term_unit, term_count, data_unlimited, data_bytes, minutes, sms, iccid, msisdn)
             select $1, $1::text, $2, $3, p.code, gen_random_uuid(), $4, 'CNY', 'stack', 'Asia/Shanghai',
                    '2026-11-01', '2026-11-30', '2026-11-01', '2026-12-30', 1, $5, $6, p.name_zh, p.name_en, p.term_unit, p.term_count,
                    p.data_unlimited, p.data_bytes, p.minutes, p.sms, l.iccid, l.msisdn
             from plans p, lines l where p.code = 'PLAN-30' and l.id = $3",
        )
        .bind(id)
        .bind(self.account)
        .bind(self.line)
        .bind(AMOUNT)
        .bind(now + Duration::minutes(35))
        .bind(now)
        .execute(&self.db.pool)
        .await
        .unwrap();
        id
    }

    pub async fn open(&self, order: OrderId) -> AttemptId {
        self.open_at("sandbox", order).await
    }

    pub async fn open_at(&self, gateway: &'static str, order: OrderId) -> AttemptId {
        let mut tx = self.db.pool.begin().await.unwrap();
        let now = self.clock.now();
        let payment = OpenPayment {
            order,
            account: self.account,
            order_number: "R-7K2M-9QXA".into(),
            purpose: Purpose::Renewal,
            amount: Money::new(AMOUNT, Currency::Cny),
            balance: Money::zero(Currency::Cny),
            method: if matches!(gateway, "scripted" | "stripe") { "card" } else { gateway }.into(),
            gateway,
            language: "en",
            return_url: format!("{}/orders/{order}", self.base),
            payer: Payer { device: Device::Desktop, address: "unknown".into() },
            expires_at: now + Duration::minutes(35),
        };
        let id = payments::open(&mut tx, payment, now).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub async fn start(&self, attempt: AttemptId) -> Presentation {
        payments::start(&self.db.pool, &self.clock, &self.gateways, attempt).await.unwrap()
    }

    /// A fresh order's attempt, made ready; and the payer's page.
    pub async fn started(&self) -> (AttemptId, String) {
        let attempt = self.open(self.order().await).await;
        let Presentation::Redirect(url) = self.start(attempt).await else { panic!("the sandbox redirects") };
        (attempt, url)
    }

    /// The payer presses a button and is sent back.
    pub async fn press(&self, url: &str, outcome: &str) {
        let answer = self.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        let answer = answer.body(format!("outcome={outcome}")).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        assert!(answer.headers()["location"].to_str().unwrap().contains("/orders/"));
    }

    pub async fn paid(&self) -> AttemptId {
        let (attempt, url) = self.started().await;
        self.press(&url, "pay").await;
        assert_eq!(self.sandbox.tick().await.unwrap(), 1);
        attempt
    }

    pub async fn attempt(&self, id: AttemptId) -> Attempt {
        queries::attempt(&self.db.pool, id).await.unwrap().unwrap()
    }

    pub async fn state(&self, id: AttemptId) -> &'static str {
        self.attempt(id).await.status.as_str()
    }

    pub async fn look(&self, id: AttemptId) -> query::Looked {
        query::query_now(&self.db.pool, &self.clock, &self.gateways, id).await.unwrap()
    }

    /// How often something was told upward.
    pub async fn told(&self, kind: &str) -> i64 {
        self.count("select count(*) from jobs where kind = $1", kind).await
    }

    pub async fn count(&self, sql: &'static str, value: &str) -> i64 {
        sqlx::query_scalar(sql).bind(value).fetch_one(&self.db.pool).await.unwrap()
    }

    /// A notification of the scripted gateway.
    pub async fn scripted(&self, event_key: &str, merchant_ref: Option<String>, news: News) -> u16 {
        let body = serde_json::to_vec(&Notice { event_key: event_key.into(), merchant_ref, news }).unwrap();
        let request = self.http.post(format!("{}/webhooks/scripted", self.base)).body(body);
        request.send().await.unwrap().status().as_u16()
    }

    /// Runs what is due; what is told upward is only taken note of.
    pub async fn work(&self) {
        let handle = |job: Claimed| async move { self.handle(&job).await };
        run_due(&self.db.pool, &self.clock, handle).await.unwrap();
    }

    async fn handle(&self, job: &Claimed) -> Result<Done, JobError> {
        let (pool, clock, gateways) = (&self.db.pool, &self.clock, &self.gateways);
        match job.kind.as_str() {
            query::JOB => query::run(pool, clock, gateways, job).await,
            close::JOB => close::run(pool, clock, gateways, job).await,
            refund::JOB => refund::run(pool, clock, gateways, job).await,
            _ => {
                let mut tx = pool.begin().await?;
                let done = job.complete(&mut tx).await?;
                tx.commit().await?;
                Ok(done)
            }
        }
    }

    pub async fn pass(&self, seconds: i64) {
        self.clock.advance(Duration::seconds(seconds));
    }
}
