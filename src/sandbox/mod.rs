//! A payment gateway to rehearse with: an interface for merchants under `/v1` (and like Alipay's under `/alipay`), a page for payers under `/pay`, and
//! signed notifications. Owns the schema `sandbox` and knows nothing of the portal but the addresses it was given.
//! Everything it still has to do stands in its tables, so it goes on after any kind of end.
//!
//! Refunds rehearse by their amount's last two digits: `13` is refused at once, `14` is accepted and fails,
//! `15` is done but answered with a server error.

mod alipay;
mod api;
mod ledger;
mod notify;
mod outcome;
mod page;
mod protocol;
mod rsa;
mod signature;
mod stripe;
pub mod wechat;

pub use alipay::Contract as AlipayContract;
pub use ledger::write_up_the_past;
pub use outcome::Outcome;
pub use signature::Key;
pub use stripe::Account as StripeAccount;

use crate::clock::Clock;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
pub struct Sandbox {
    pool: PgPool,
    clock: Clock,
    settings: Arc<Settings>,
    http: reqwest::Client,
}

pub struct Settings {
    /// Where payers find it, with its own path, such as `http://127.0.0.1:8080/sandbox`.
    pub public_url: String,
    /// The first signs notifications; all are accepted on requests.
    pub keys: Vec<Key>,
    /// Who may speak to it as to Stripe.
    pub stripe: Option<StripeAccount>,
    /// Without it nobody speaks like Alipay here.
    pub alipay: Option<AlipayContract>,
    /// How long a question hangs while the gateway rehearses a time-out.
    pub hang: Duration,
}

impl Sandbox {
    /// Sets out its tables where they are missing.
    pub async fn start(pool: PgPool, clock: Clock, settings: Settings) -> anyhow::Result<Self> {
        let mut tx = crate::db::begin(&pool).await?;
        // Two that start together would both find nothing and both create.
        sqlx::query("select pg_advisory_xact_lock(7307002)").execute(&mut *tx).await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *tx).await?;
        tx.commit().await?;
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { pool, clock, settings: Arc::new(settings), http })
    }

    /// To be nested at `/sandbox`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/payments", post(api::create))
            .route("/v1/payments/{merchant_ref}", get(api::show))
            .route("/v1/payments/{merchant_ref}/close", post(api::close))
            .route("/v1/refunds", post(api::refund))
            .route("/v1/refunds/{merchant_refund_no}", get(api::show_refund))
            .nest("/wechat", wechat::routes())
            .route("/v1/statements/{day}", get(api::statement))
            .route("/pay/{id}", get(page::show).post(page::choose))
            .nest("/stripe", stripe::router(self))
            .nest("/alipay", alipay::router())
            .layer(DefaultBodyLimit::max(64 * 1024))
            .with_state(self.clone())
    }
}
