use super::database::Database;
use super::{DatabaseArgs, logging, metrics, stop};
use crate::config::Brand;
use crate::db;
use crate::demo::parts::{Parts, Setup};
use crate::demo::{rehearsal, seed, stock};
use crate::mail::Mailer;
use crate::web::server::{self, Limits};
use crate::worker;
use anyhow::Context;
use clap::Args;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

#[derive(Args)]
pub struct Demo {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The portal's port; the carrier simulator takes the next one, the metrics the one after.
    #[arg(long, env = "PORT", default_value_t = 8080)]
    port: u16,
    /// Database connections for pages and jobs.
    #[arg(long, env = "DB_POOL", default_value_t = 8)]
    db_pool: u32,
    /// Forget everything and seed the demo anew.
    #[arg(long)]
    fresh: bool,
    #[command(flatten)]
    brand: Brand,
}

impl Demo {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        logging::start(false, "warn");
        let started = Instant::now();
        let stop = stop::on_signal()?;
        let listener = self.listen(0).await?;
        self.brand.clone().install();
        let database = self.database.open(self.db_pool, |text| println!("{text}")).await?;
        prepare(&database, self.fresh).await?;
        let parts = Parts::start(self.setup(&database).await?).await?;
        metrics::serve(self.listen(2).await?, database.pool.clone(), stop.clone()).await?;
        let jobs = tokio::spawn(worker::run(parts.app.clone(), 4, stop.clone()));
        parts.notify(stop.clone());
        rehearsal::follow(parts.app.pool.clone(), parts.app.clock.clone(), stop.clone());
        let changes = parts.app.changes.clone();
        stop::then(stop.clone(), move || changes.end());
        println!("{}", welcome(&self.url(), started));
        server::serve(listener, parts.router(), Limits::default(), stop::told(stop)).await;
        jobs.await?;
        parts.simulator.stop().await;
        database.close().await;
        Ok(ExitCode::SUCCESS)
    }

    async fn setup(&self, database: &Database) -> anyhow::Result<Setup> {
        Ok(Setup {
            pool: database.pool.clone(),
            database_url: database.url.clone(),
            base_url: self.url(),
            simulator: self.address(1),
            simulator_config: Default::default(),
            clock: rehearsal::clock(&database.pool).await?,
            mailer: Mailer::Mailbox,
            patience: Duration::from_secs(5),
        })
    }

    async fn listen(&self, offset: u16) -> anyhow::Result<TcpListener> {
        let address = self.address(offset);
        TcpListener::bind(address).await.with_context(|| format!("port {} is taken; try --port", address.port()))
    }

    fn address(&self, offset: u16) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port + offset).into()
    }

    fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }
}

async fn prepare(database: &Database, fresh: bool) -> anyhow::Result<()> {
    if fresh {
        sqlx::raw_sql("drop schema if exists simulator cascade; drop schema if exists sandbox cascade; drop schema public cascade; create schema public")
            .execute(&database.pool)
            .await?;
    }
    db::tables::migrate(&database.pool).await?;
    seed::unless_seeded(&database.pool, |text| println!("{text}")).await
}

fn welcome(url: &str, started: Instant) -> String {
    format!(
        "\nThe portal is ready at {url}  ({:.1} s)\n\n  \
         customer   li.wei@demo.example   中文, Asia/Shanghai, 6 lines\n  \
         customer   ana@demo.example      English, Europe/Berlin, 2 lines\n  \
         staff      staff@demo.example    {url}/staff/login\n  \
         password   renew-demo-2026       for all three\n\n  \
         mailbox    {url}/dev/mailbox     every mail and text the demo sends\n\n  \
         add a line {number}        an FM card: the code comes by text, to the mailbox\n             {code}  an eSIM\n\nCtrl-C stops it; the data stays. --fresh starts over.",
        started.elapsed().as_secs_f32(),
        number = stock::CARD.0,
        code = stock::CODE,
    )
}
