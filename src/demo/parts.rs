//! The portal put together with its demo parts: a carrier simulator and a payment sandbox, both reached over HTTP only.

use super::alipay;
use crate::accounts::leaked::Leaked;
use crate::app::{App, BaseUrl, Mode};
use crate::clock::Clock;
use crate::config::SecondStep;
use crate::mail::Mailer;
use crate::orders::changes::Changes;
use crate::payments::sandbox::SandboxGateway;
use crate::payments::stripe::StripeGateway;
use crate::payments::{self, Gateways};
use crate::sandbox::{self, Sandbox};
use crate::seal::KeyRing;
use crate::simulator::{self, Simulator};
use crate::sms::Texter;
use crate::web::headers::{self, SecurityHeaders};
use crate::{config, db, ids, paths, router};
use axum::Router;
use axum::middleware::from_fn_with_state;
use secrecy::SecretString;
use sqlx::PgPool;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A demo keeps no secrets of anybody.
const DEMO_KEY: &str = "demo:ZGVtby1rZXktb2YtMzItYnl0ZXMtZm9yLW5vYm9keSE=";

/// What a rehearsal is set up with.
pub struct Setup {
    pub pool: PgPool,
    pub database_url: String,
    /// Where the portal will be found, such as `http://127.0.0.1:8080`.
    pub base_url: String,
    pub simulator: SocketAddr,
    pub simulator_config: simulator::Config,
    pub clock: Clock,
    pub mailer: Mailer,
    /// How long the portal waits for its carrier and its gateway.
    pub patience: Duration,
}

pub struct Parts {
    pub app: App,
    pub simulator: Simulator,
    pub sandbox: Sandbox,
}

impl Parts {
    pub async fn start(setup: Setup) -> anyhow::Result<Self> {
        let secret = ids::readable(40);
        let config = carriers_config(&setup, &secret);
        let simulator = Simulator::start(&setup.database_url, setup.simulator, setup.clock.clone(), config).await?;
        let sandbox = sandbox(&setup, &secret).await?;
        let app = app(&setup, &simulator, &secret).await?;
        Ok(Self { app, simulator, sandbox })
    }

    /// The portal's pages with the sandbox's beside them.
    pub fn router(&self) -> Router {
        let headers = SecurityHeaders::new(false, &[]);
        let sandbox = self.sandbox.router().layer(from_fn_with_state(headers, headers::add));
        router::pages(&self.app, &[]).nest("/sandbox", sandbox)
    }

    /// Has the sandbox send its notifications until told to stop.
    pub fn notify(&self, stop: watch::Receiver<bool>) {
        tokio::spawn(self.sandbox.clone().run(stop));
    }
}

/// The carriers tell the portal what happens to its lines.
fn carriers_config(setup: &Setup, secret: &str) -> simulator::Config {
    let address = format!("{}{}", setup.base_url, paths::CARRIER_WEBHOOKS);
    let listener = simulator::Listener { address, secret: secret.to_owned().into() };
    simulator::Config { listener: Some(listener), ..setup.simulator_config.clone() }
}

async fn sandbox(setup: &Setup, secret: &str) -> anyhow::Result<Sandbox> {
    let settings = sandbox::Settings {
        public_url: format!("{}/sandbox", setup.base_url),
        keys: vec![sandbox::Key { id: "demo".into(), secret: SecretString::from(secret) }],
        stripe: Some(stripe_account(setup, secret)),
        alipay: Some(alipay::contract()?),
        hang: setup.patience * 2,
    };
    // A gateway's connections are its own: a busy portal does not slow it down.
    Sandbox::start(db::connect(&setup.database_url, 4).await?, setup.clock.clone(), settings).await
}

fn stripe_account(setup: &Setup, secret: &str) -> sandbox::StripeAccount {
    sandbox::StripeAccount {
        key: stripe_key(secret),
        webhook_secrets: vec![stripe_webhook_secret(secret)],
        notify_url: format!("{}{}", setup.base_url, paths::webhook("stripe")),
    }
}

fn stripe_key(secret: &str) -> SecretString {
    format!("sk_test_{secret}").into()
}

fn stripe_webhook_secret(secret: &str) -> SecretString {
    format!("whsec_{secret}").into()
}

fn stripe(setup: &Setup, secret: &str) -> anyhow::Result<StripeGateway> {
    let settings = payments::stripe::Settings {
        address: format!("{}/sandbox/stripe", setup.base_url).parse()?,
        key: stripe_key(secret),
        webhook_secrets: vec![stripe_webhook_secret(secret)],
        timeout: setup.patience,
    };
    Ok(StripeGateway::rehearsal(settings)?)
}

async fn app(setup: &Setup, simulator: &Simulator, secret: &str) -> anyhow::Result<App> {
    let codes: Vec<String> = sqlx::query_scalar("select code from carriers").fetch_all(&setup.pool).await?;
    let settings = payments::sandbox::Settings {
        address: format!("{}/sandbox", setup.base_url).parse()?,
        notify_url: format!("{}{}", setup.base_url, paths::webhook("sandbox")),
        merchant: config::brand().name_zh.clone(),
        keys: vec![payments::sandbox::Key { id: "demo".into(), secret: SecretString::from(secret) }],
        timeout: setup.patience,
    };
    Ok(App {
        pool: setup.pool.clone(),
        clock: setup.clock.clone(),
        mailer: setup.mailer.clone(),
        texter: Texter::Mailbox,
        leaked: Leaked::default(),
        second_step: SecondStep::Offered,
        keys: KeyRing::parse(DEMO_KEY)?,
        reset_wait: time::Duration::hours(72),
        gateways: Gateways::rehearsal(vec![
            Arc::new(SandboxGateway::new(settings, setup.clock.clone())?),
            Arc::new(stripe(setup, secret)?),
            alipay::gateway(&setup.base_url, setup.patience, &setup.clock)?,
            Arc::new(super::gateways::wechat(setup)?),
        ]),
        carriers: super::carriers::carriers(&simulator.url(), secret, &codes, setup.patience, &setup.clock)?,
        base_url: BaseUrl::new(&setup.base_url),
        changes: Changes::start(setup.pool.clone()),
        mode: Mode::Demo,
    })
}
