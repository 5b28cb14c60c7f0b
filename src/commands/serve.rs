use super::database::ServerArgs;
use super::{logging, metrics, needs, stop};
use crate::app::{App, BaseUrl, Mode};
use crate::carriers::settings::{CarrierSettings, Configured};
use crate::carriers::{Carriers, names};
use crate::clock::Clock;
use crate::config::{Brand, Production};
use crate::orders::changes::Changes;
use crate::payments::{Gateways, settings::GatewaySettings};
use crate::web::server::{self, Limits};
use crate::{db, router, worker};
use anyhow::{Context, bail};
use clap::Args;
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::net::TcpListener;

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    database: ServerArgs,
    #[command(flatten)]
    production: Production,
    #[command(flatten)]
    gateways: GatewaySettings,
    #[command(flatten)]
    carriers: CarrierSettings,
    #[command(flatten)]
    brand: Brand,
    /// Jobs this process runs at once; 0 leaves them to `worker` processes.
    #[arg(long, env = "WORKER_LANES", default_value_t = 4)]
    lanes: usize,
}

impl Serve {
    pub async fn run(self, pages: bool) -> anyhow::Result<ExitCode> {
        logging::start(true, "info");
        let missing = self.production.missing(self.database.url());
        if !missing.is_empty() {
            bail!(
                "these settings are missing: {}. `renewal-portal serve --help` says what each is for",
                missing.join(", ")
            );
        }
        let wrong = needs::wrong_settings(&self.production);
        if !wrong.is_empty() {
            bail!("these settings are wrong:\n{}", wrong.join("\n"));
        }
        let gateways = self.gateways()?;
        let Configured { carriers, names: carrier_names } = self.carriers()?;
        let stop = stop::on_signal()?;
        // Addresses first: what is taken by another is found before anything is begun.
        let listener = match pages {
            true => Some(listen("LISTEN", self.production.listen).await?),
            false => None,
        };
        let metrics_listener = listen("METRICS_LISTEN", self.production.metrics_listen).await?;
        let pool = self.database.open(self.production.db_pool).await?;
        refuse_demo_parts(&pool).await?;
        db::tables::migrate(&pool).await?;
        names::install(&carrier_names);
        names::save(&mut *pool.acquire().await?, &carrier_names).await?;
        let app = self.app(&pool, gateways, carriers)?;
        self.brand.install();
        metrics::serve(metrics_listener, pool.clone(), stop.clone()).await?;
        let jobs =
            tokio::spawn(worker::run(app.clone(), if pages { self.lanes } else { self.lanes.max(1) }, stop.clone()));
        let changes = app.changes.clone();
        stop::then(stop.clone(), move || changes.end());
        if let Some(listener) = listener {
            tracing::info!(address = %self.production.listen, "serving");
            server::serve(
                listener,
                router::pages(&app, &self.production.trusted_proxies),
                Limits::default(),
                stop::told(stop),
            )
            .await;
        }
        jobs.await?;
        pool.close().await;
        Ok(ExitCode::SUCCESS)
    }

    /// Wrong settings are found before anything is started; `renewal-portal check` also asks the gateways.
    fn gateways(&self) -> anyhow::Result<Gateways> {
        let base_url = BaseUrl::new(self.production.base_url.as_deref().unwrap_or_default());
        self.gateways.required(&base_url, &Clock::real())
    }

    fn carriers(&self) -> anyhow::Result<Configured> {
        let configured = self
            .carriers
            .carriers(&Clock::real())
            .map_err(|problems| anyhow::anyhow!("the carriers are not set up:\n{}", problems.join("\n")))?;
        if configured.names.is_empty() {
            tracing::warn!("no carrier is set up (CARRIERS_FILE): nothing can be renewed");
        }
        Ok(configured)
    }

    fn app(&self, pool: &sqlx::PgPool, gateways: Gateways, carriers: Carriers) -> anyhow::Result<App> {
        let mailer = needs::mailer(&self.production).context("the mail settings are missing")??;
        let (clock, base_url) = (Clock::real(), BaseUrl::new(self.production.base_url.as_deref().unwrap_or_default()));
        Ok(App {
            pool: pool.clone(),
            clock,
            mailer,
            texter: needs::texter(&self.production)?,
            leaked: needs::leaked(&self.production)?,
            second_step: self.production.second_step,
            keys: needs::keys(&self.production)?,
            reset_wait: time::Duration::hours(self.production.second_step_reset_hours.into()),
            gateways,
            carriers,
            base_url,
            changes: Changes::start(pool.clone()),
            mode: Mode::Production,
        })
    }
}

async fn listen(setting: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{setting}: {address} can't be listened at"))
}

/// A database that was rehearsed on holds sign-ins everyone knows.
async fn refuse_demo_parts(pool: &sqlx::PgPool) -> anyhow::Result<()> {
    let demo: bool = sqlx::query_scalar(
        "select to_regclass('simulator.renewals') is not null or to_regclass('sandbox.payments') is not null",
    )
    .fetch_one(pool)
    .await?;
    if demo {
        bail!("this database belongs to a demo: it has a carrier simulator and a payment sandbox. Take an empty one");
    }
    Ok(())
}
