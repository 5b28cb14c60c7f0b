//! Provisioning as the worker runs it, against a real simulator over HTTP.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use renewal_portal::carriers::simulator::SimulatorClient;
use renewal_portal::carriers::{Carrier, Carriers, names};
use renewal_portal::clock::Clock;
use renewal_portal::ids::OrderId;
use renewal_portal::jobs::{self, Claimed, Done, JobError};
use renewal_portal::provisioning::{self, PROVISION, Place, Provisioning, Settings};
use renewal_portal::simulator::{Config, Simulator, ledger, stock};
use time::Duration;

use super::PATIENCE;
use super::db::{TestDb, fresh_db};
use super::paid_order::{PaidOrder, paid_order};

pub struct Rig {
    pub db: TestDb,
    pub clock: Clock,
    pub simulator: Simulator,
    pub carriers: Carriers,
}

pub fn quick() -> Config {
    Config { silence: StdDuration::from_secs(30), ..Config::default() }
}

pub fn client(url: &str) -> Arc<dyn Carrier> {
    Arc::new(SimulatorClient::new(url, PATIENCE).unwrap())
}

pub async fn start(db: &TestDb, clock: &Clock, config: Config) -> Simulator {
    Simulator::start(&db.url, "127.0.0.1:0".parse().unwrap(), clock.clone(), config).await.unwrap()
}

/// The carrier that stands in the place of `cucc`.
pub fn carrier_of(rig: &Rig) -> Arc<dyn Carrier> {
    rig.carriers.get("cucc").unwrap().carrier.clone()
}

impl Rig {
    pub async fn new(config: Config) -> Rig {
        Rig::with(config, |url, _| client(url)).await
    }

    /// The same carrier, spoken to in another protocol.
    pub async fn with(config: Config, adapter: impl FnOnce(&str, &Clock) -> Arc<dyn Carrier>) -> Rig {
        let db = fresh_db().await;
        let clock = Clock::real();
        let simulator = start(&db, &clock, config).await;
        let carriers = Carriers::default().with("cucc", adapter(&simulator.url(), &clock), 4);
        Rig { db, clock, simulator, carriers }
    }

    /// The plan is one whose product the carrier knows by a number.
    pub async fn sells_by_number(&self) {
        let mut conn = self.db.pool.acquire().await.unwrap();
        names::save(&mut conn, names::known()).await.unwrap();
        sqlx::query(
            "insert into plans (code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_bytes, coverage,
               price_minor, currency, effect, carrier_product, created_at)
             values ('TEST-30', 'cucc', '{esim,fm_card}', '三十天', '30 days', 'day', 30, 1000000000, '{CN}', 4900, 'CNY',
               'stack', '3001', now())",
        )
        .execute(&mut *conn)
        .await
        .unwrap();
    }

    pub async fn place(&self, number: &str) -> PaidOrder {
        let paid = paid_order(&self.db.pool, number, self.clock.now()).await;
        let mut tx = self.db.pool.begin().await.unwrap();
        let place =
            Place { order_id: paid.order, attempt_id: paid.attempt, account_id: paid.account, now: self.clock.now() };
        provisioning::place(&mut tx, place).await.unwrap();
        tx.commit().await.unwrap();
        paid
    }

    /// An order for a line and a product that are in the carrier's books already.
    pub async fn place_known(&self, number: &str) -> PaidOrder {
        let paid = self.place(number).await;
        stock::take(&mut self.db.pool.acquire().await.unwrap()).await.unwrap();
        paid
    }

    /// Runs what is due now and shows what has become of the order.
    pub async fn step(&self, order: OrderId) -> Provisioning {
        jobs::run_due(&self.db.pool, &self.clock, |job| self.handle(job)).await.unwrap();
        self.look(order).await
    }

    pub async fn look(&self, order: OrderId) -> Provisioning {
        provisioning::of_order(&self.db.pool, order).await.unwrap().expect("a provisioning")
    }

    /// Lets business time pass until the provisioning has ended: seconds at first, half hours at last, a week at most.
    /// Faults that are drawn may follow each other for hours.
    pub async fn finish(&self, order: OrderId) -> Provisioning {
        let end = self.clock.now() + Duration::WEEK;
        let mut pause = Duration::SECOND;
        while self.clock.now() < end {
            let now = self.step(order).await;
            if now.state.has_ended() {
                return now;
            }
            self.clock.advance(pause);
            pause = Duration::min(pause * 2, Duration::minutes(30));
        }
        panic!("it never ended: {:?}", self.look(order).await);
    }

    pub async fn handle(&self, job: Claimed) -> Result<Done, JobError> {
        if job.kind == PROVISION {
            return provisioning::provision(&self.db.pool, &self.clock, &self.carriers, &Settings::default(), &job)
                .await;
        }
        let mut tx = self.db.pool.begin().await?;
        let done = job.complete(&mut tx).await?;
        tx.commit().await?;
        Ok(done)
    }

    pub async fn events(&self, kind: &str) -> i64 {
        sqlx::query_scalar("select count(*) from jobs where kind = $1")
            .bind(kind)
            .fetch_one(&self.db.pool)
            .await
            .unwrap()
    }

    /// Renewals of the order's line in the carrier's books.
    pub async fn renewals(&self, order: OrderId) -> i64 {
        sqlx::query_scalar(
            "select count(*) from simulator.renewals join orders using (iccid) where refused is null and orders.id = $1",
        )
            .bind(order)
            .fetch_one(&self.db.pool)
            .await
            .unwrap()
    }

    /// How often the carrier weighed a request it had not decided yet.
    pub async fn tries(&self, order: OrderId) -> i32 {
        sqlx::query_scalar("select coalesce(sum(count), 0)::int from simulator.tries where request_id like $1")
            .bind(format!("order:{order}:%"))
            .fetch_one(&self.db.pool)
            .await
            .unwrap()
    }

    pub async fn books(&self) -> ledger::Counts {
        ledger::check(&mut self.db.pool.acquire().await.unwrap()).await.unwrap().expect("the simulator's books")
    }
}
