use crate::jobs;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::stop;

/// Serves `/metrics` on an address of its own, away from customers.
pub async fn serve(listener: TcpListener, pool: PgPool, stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let handle = PrometheusBuilder::new().install_recorder()?;
    let app = Router::new().route("/metrics", get(show)).with_state((handle, pool));
    tokio::spawn(async move { axum::serve(listener, app).with_graceful_shutdown(stop::told(stop)).await });
    Ok(())
}

async fn show(State((handle, pool)): State<(PrometheusHandle, PgPool)>) -> String {
    if let Ok(counts) = jobs::counts(&pool).await {
        for (state, count) in [("ready", counts.ready), ("running", counts.running), ("dead", counts.dead)] {
            metrics::gauge!("jobs", "state" => state).set(count as f64);
        }
    }
    metrics::gauge!("db_connections", "state" => "idle").set(pool.num_idle() as f64);
    metrics::gauge!("db_connections", "state" => "all").set(f64::from(pool.size()));
    handle.render()
}
