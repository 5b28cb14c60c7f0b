//! The whole portal on a port of its own, with its carrier and its gateway; work is done and time passes when a test says so.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use renewal_portal::accounts::password;
use renewal_portal::app::App;
use renewal_portal::calendar::{Zone, add_days, long_date, today};
use renewal_portal::carriers::{Carrier, Carriers, names};
use renewal_portal::clock::Clock;
use renewal_portal::demo::parts::{Parts, Setup};
use renewal_portal::ids::{AccountId, LineId, OrderId};
use renewal_portal::imports::bulk::{self, CustomerRow, IdentifiedCustomer, IdentifiedLine, LineRow, PlanRow};
use renewal_portal::lang::Lang;
use renewal_portal::mail::Mailer;
use renewal_portal::money::Currency;
use renewal_portal::payments::Gateways;
use renewal_portal::payments::gateway::{News, Notice};
use renewal_portal::sandbox::Sandbox;
use renewal_portal::simulator::Simulator;
use renewal_portal::sms::Texter;
use renewal_portal::web::server::{self, Limits};
use renewal_portal::{housekeeping, invariants, jobs, simulator, worker};
use time::Duration;
use tokio::net::TcpListener;

use super::PATIENCE;
use super::db::{TestDb, fresh_db};
use super::scripted::Scripted;
use super::shopper::Shopper;

pub const PASSWORD: &str = "a long enough password";
pub const EMAIL: &str = "mei@post.example";

pub struct TestPortal {
    pub db: TestDb,
    pub clock: Clock,
    pub app: App,
    sandbox: Sandbox,
    simulator: Mutex<Option<Simulator>>,
    simulator_url: String,
    pub url: String,
    made: AtomicU32,
}

/// Code, days, price in fen, effect: `13`, `14` and `15` at a price's end make its refund go wrong.
const PLANS: [(&str, i32, i64, &str); 7] = [
    ("P30", 30, 4_200, "stack"),
    ("P60", 60, 8_000, "stack"),
    ("Q30", 30, 3_900, "queue"),
    ("R13", 30, 3_013, "stack"),
    ("R14", 30, 3_014, "stack"),
    ("R15", 30, 3_015, "stack"),
    ("S30", 30, 4_100, "restart"),
];

impl TestPortal {
    pub async fn start() -> Self {
        Self::mailing(Mailer::Mailbox).await
    }

    pub async fn mailing(mailer: Mailer) -> Self {
        let db = fresh_db().await;
        let url = db.url.clone();
        Self::on(db, &url, mailer).await
    }

    /// `database_url` may lead to the database by another way than the test's own.
    pub async fn on(db: TestDb, database_url: &str, mailer: Mailer) -> Self {
        Self::with(db, database_url, mailer, None).await
    }

    /// With a gateway that says what the test wants, for the method `card`.
    pub async fn and_scripted() -> (Self, Arc<Scripted>) {
        let (db, gateway) = (fresh_db().await, Arc::new(Scripted::default()));
        let url = db.url.clone();
        (Self::with(db, &url, Mailer::Mailbox, Some(gateway.clone())).await, gateway)
    }

    /// With nothing but a gateway that takes one currency, for the method `card`.
    pub async fn and_scripted_only(only: Currency) -> (Self, Arc<Scripted>) {
        let db = fresh_db().await;
        let gateway = Arc::new(Scripted { only: Some(only), ..Scripted::default() });
        let url = db.url.clone();
        (Self::with(db, &url, Mailer::Mailbox, Some(gateway.clone())).await, gateway)
    }

    /// With another way to reach the carrier of its lines.
    pub async fn reached_by(reach: impl FnOnce(&str, &Clock) -> Arc<dyn Carrier>) -> Self {
        let db = fresh_db().await;
        let url = db.url.clone();
        let change = |parts: &mut Parts| {
            let carrier = reach(&parts.simulator.url(), &parts.app.clock);
            parts.app.carriers = Carriers::default().with("cucc", carrier, 4);
        };
        Self::changed(db, &url, Mailer::Mailbox, change).await
    }

    /// Where the carrier of its lines must know who its customers are.
    pub async fn demanding_identity() -> Self {
        let db = fresh_db().await;
        let url = db.url.clone();
        let change = |parts: &mut Parts| parts.app.carriers = parts.app.carriers.clone().demanding_identity("cucc");
        Self::changed(db, &url, Mailer::Mailbox, change).await
    }

    /// With another way for texts.
    pub async fn texting(texter: Texter) -> Self {
        let db = fresh_db().await;
        let url = db.url.clone();
        Self::changed(db, &url, Mailer::Mailbox, |parts| parts.app.texter = texter).await
    }

    async fn with(db: TestDb, database_url: &str, mailer: Mailer, scripted: Option<Arc<Scripted>>) -> Self {
        Self::changed(db, database_url, mailer, |parts| {
            let Some(scripted) = scripted else { return };
            let sandbox = parts.app.gateways.named("sandbox").cloned().into_iter().filter(|_| scripted.only.is_none());
            parts.app.gateways = Gateways::rehearsal(sandbox.collect()).and(scripted);
        })
        .await
    }

    async fn changed(db: TestDb, database_url: &str, mailer: Mailer, change: impl FnOnce(&mut Parts)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::real();
        catalogue(&db, &clock).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let setup = Setup {
            pool: renewal_portal::db::connect_waiting(database_url, 10, PATIENCE * 4).await.unwrap(),
            database_url: db.url.clone(),
            base_url: url.clone(),
            simulator: "127.0.0.1:0".parse().unwrap(),
            simulator_config: simulator::Config::default(),
            clock: clock.clone(),
            mailer,
            patience: PATIENCE,
        };
        let mut parts = Parts::start(setup).await.unwrap();
        housekeeping::schedule(&parts.app.pool, &parts.app.clock).await.unwrap();
        change(&mut parts);
        tokio::spawn(server::serve(listener, parts.router(), Limits::default(), std::future::pending()));
        let Parts { app, simulator, sandbox } = parts;
        let simulator_url = simulator.url();
        Self {
            db,
            clock,
            app,
            sandbox,
            simulator: Mutex::new(Some(simulator)),
            simulator_url,
            url,
            made: AtomicU32::new(0),
        }
    }

    /// A customer who is signed in, reading English.
    pub async fn customer(&self, email: &str) -> Shopper {
        let row = CustomerRow {
            email_key: email.into(),
            email: email.into(),
            name: "Mei Fang".into(),
            phone: None,
            language: "en".into(),
            time_zone: "Asia/Shanghai".into(),
        };
        let (id, now) = (AccountId::new(), self.clock.now());
        let mut db = self.db.pool.acquire().await.unwrap();
        bulk::insert_customers(&mut db, &[IdentifiedCustomer { id, row: &row }], now).await.unwrap();
        let hash = password::hash(PASSWORD).await.unwrap();
        sqlx::query(
            "update accounts set password_hash = $2, password_changed_at = now(), email_verified_at = $3 where id = $1",
        )
        .bind(id)
        .bind(hash)
        .bind(now)
        .execute(&mut *db)
        .await
        .unwrap();
        Shopper::sign_in(&self.url, id, email, PASSWORD).await
    }

    pub async fn mei(&self) -> Shopper {
        self.customer(EMAIL).await
    }

    /// A line with a week left; the last three digits of its number choose how the carrier treats it.
    pub async fn line(&self, holder: AccountId, ending: &str) -> LineId {
        let made = self.made.fetch_add(1, Ordering::Relaxed);
        let today = today(self.clock.now(), &Zone::parse("Asia/Shanghai").unwrap());
        let until = add_days(today, 7).unwrap();
        let row = LineRow {
            account_id: Some(holder),
            kind: "esim".into(),
            carrier: "cucc".into(),
            iccid: format!("898601{made:013}"),
            msisdn: Some(format!("+86130{made:05}{ending}")),
            carrier_line_id: None,
            eid: None,
            activation_code: None,
            confirmation_code: None,
            label: String::new(),
            plan: "P30".into(),
            status: "active".into(),
            time_zone: "Asia/Shanghai".into(),
            valid_from: add_days(until, -29).unwrap(),
            valid_until: until,
            anchor_day: i16::from(add_days(until, 1).unwrap().day()),
            data_unlimited: false,
            data_total_bytes: Some(25_000_000_000),
            data_left_bytes: Some(5_000_000_000),
            minutes_left: None,
            sms_left: None,
            carrier_balance_minor: None,
            carrier_balance_currency: None,
        };
        let id = LineId::new();
        let mut db = self.db.pool.acquire().await.unwrap();
        bulk::insert_lines(&mut db, &[IdentifiedLine { id, row }], self.clock.now()).await.unwrap();
        id
    }

    /// Mei with one line.
    pub async fn mei_with(&self, ending: &str) -> (Shopper, LineId) {
        let mei = self.mei().await;
        let line = self.line(mei.account, ending).await;
        (mei, line)
    }

    /// Does what is due: the gateway tells what it has to tell, and jobs run.
    pub async fn work(&self) {
        let app = &self.app;
        self.sandbox.tick().await.unwrap();
        jobs::run_due(&app.pool, &self.clock, |job| worker::handle(app.clone(), job)).await.unwrap();
    }

    pub fn carrier_url(&self) -> &str {
        &self.simulator_url
    }

    /// Nobody answers at the carrier's address.
    pub async fn carrier_goes_down(&self) {
        let simulator = self.simulator.lock().unwrap().take().expect("a carrier that is up");
        simulator.stop().await;
    }

    pub async fn carrier_comes_back(&self) {
        let address = self.simulator_url.trim_start_matches("http://").parse().unwrap();
        let simulator =
            Simulator::start(&self.db.url, address, self.clock.clone(), simulator::Config::default()).await.unwrap();
        *self.simulator.lock().unwrap() = Some(simulator);
    }

    /// A notification of the scripted gateway.
    pub async fn scripted(&self, event_key: &str, merchant_ref: Option<String>, news: News) -> u16 {
        let body = serde_json::to_vec(&Notice { event_key: event_key.into(), merchant_ref, news }).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.post(format!("{}/webhooks/scripted", self.url)).body(body).send().await.unwrap();
        answer.status().as_u16()
    }

    pub fn pass(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Lets time pass until the order stands so.
    pub async fn until(&self, order: OrderId, status: &str) {
        for _ in 0..60 {
            self.work().await;
            if self.status(order).await == status {
                return;
            }
            self.pass(Duration::seconds(3));
        }
        panic!("the order is {}, never {status}: {:?}", self.status(order).await, self.events(order).await);
    }

    /// The time to pay for an order ends now.
    pub async fn runs_out(&self, order: OrderId) {
        sqlx::query("update orders set expires_at = $2 where id = $1")
            .bind(order)
            .bind(self.clock.now())
            .execute(&self.db.pool)
            .await
            .unwrap();
        self.run("update jobs set run_at = created_at where kind = 'find-overdue-orders' and state = 'ready'").await;
        self.work().await;
        self.work().await;
        assert_eq!(self.status(order).await, "expired", "{:?}", self.events(order).await);
    }

    /// Lets an hour and more pass, so that nothing is left to do.
    pub async fn settle(&self) {
        for seconds in [0, 3, 3, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 60, 60, 60] {
            self.pass(Duration::seconds(seconds));
            self.work().await;
        }
    }

    pub async fn status(&self, order: OrderId) -> String {
        sqlx::query_scalar("select status from orders where id = $1")
            .bind(order)
            .fetch_one(&self.db.pool)
            .await
            .unwrap()
    }

    pub async fn events(&self, order: OrderId) -> Vec<String> {
        sqlx::query_scalar("select event from order_events where order_id = $1 order by id")
            .bind(order)
            .fetch_all(&self.db.pool)
            .await
            .unwrap()
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.db.pool).await.unwrap()
    }

    /// The kinds of open cases, in order.
    pub async fn cases(&self) -> Vec<String> {
        sqlx::query_scalar("select kind from cases where closed_at is null order by kind")
            .fetch_all(&self.db.pool)
            .await
            .unwrap()
    }

    pub async fn until_of(&self, line: LineId) -> time::Date {
        sqlx::query_scalar("select valid_until from lines where id = $1")
            .bind(line)
            .fetch_one(&self.db.pool)
            .await
            .unwrap()
    }

    pub async fn run(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.db.pool).await.unwrap();
    }

    /// The audit over everything the test has done.
    pub async fn prove(&self) {
        let verdicts = invariants::prove(&self.db.pool).await.unwrap();
        let broken: Vec<_> = verdicts.iter().filter(|verdict| !verdict.breaks.is_empty()).collect();
        assert!(broken.is_empty(), "{broken:#?}");
        assert!(verdicts.iter().any(|verdict| verdict.id == "I3"), "the carrier's books were not looked at");
    }
}

/// A date as an English page has it, for who reads it.
pub fn as_read(date: time::Date) -> String {
    long_date(date, Lang::En).replace('\u{a0}', " ")
}

async fn catalogue(db: &TestDb, clock: &Clock) {
    let mut conn = db.pool.acquire().await.unwrap();
    names::save(&mut conn, names::known()).await.unwrap();
    let plans: Vec<_> = PLANS.iter().map(|&(code, days, price, effect)| plan(code, days, price, effect)).collect();
    bulk::insert_plans(&mut conn, &plans, clock.now()).await.unwrap();
}

fn plan(code: &str, days: i32, price: i64, effect: &str) -> PlanRow {
    PlanRow {
        code: code.into(),
        carrier: "cucc".into(),
        kinds: vec!["esim".into()],
        name_zh: format!("套餐 {code}"),
        name_en: format!("Plan {code}"),
        term_unit: "day".into(),
        term_count: days,
        data_unlimited: false,
        data_bytes: Some(10_000_000_000),
        minutes: 0,
        sms: 0,
        coverage: vec!["CN".into()],
        price_minor: price,
        currency: "CNY".into(),
        effect: effect.into(),
        carrier_product: format!("cucc:{}", code.to_lowercase()),
    }
}
