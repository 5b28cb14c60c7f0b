use super::DatabaseArgs;
use crate::app::BaseUrl;
use crate::clock::Clock;
use crate::payments::replay;
use crate::payments::settings::GatewaySettings;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use std::process::ExitCode;
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, OffsetDateTime};

#[derive(Args)]
pub struct Webhooks {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Apply stored notifications again: those nothing was made of yet, or with --since all that came since then.
    Replay(Replay),
}

#[derive(Args)]
struct Replay {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The address customers type, as `serve` has it.
    #[arg(long, env = "BASE_URL", default_value_t)]
    base_url: String,
    #[command(flatten)]
    gateways: GatewaySettings,
    /// Only this gateway's, such as stripe, alipay or wechat.
    #[arg(long)]
    gateway: Option<String>,
    /// From this time on, such as 2026-11-22 or 2026-11-22T06:00:00Z. What was recorded before is not recorded twice.
    #[arg(long, value_parser = instant)]
    since: Option<OffsetDateTime>,
}

impl Webhooks {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let What::Replay(replay) = self.what;
        replay.run().await
    }
}

impl Replay {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let clock = Clock::real();
        let gateways = self.gateways.required(&BaseUrl::new(&self.base_url), &clock)?;
        if let Some(name) = self.gateway.as_deref().filter(|name| gateways.named(name).is_none()) {
            let known: Vec<_> = gateways.all().iter().map(|gateway| gateway.name()).collect();
            bail!("no gateway is called `{name}`: set up here are {}", known.join(", "));
        }
        let database = self.database.open(2, |text| eprintln!("{text}")).await?;
        let done = replay::replay(&database.pool, &clock, &gateways, self.gateway.as_deref(), self.since).await?;
        database.close().await;
        for (id, why) in &done.not_read {
            println!("notification {id} could not be read: {why}");
        }
        println!(
            "{} taken up, {} applied, {} left for a person",
            done.tried,
            done.came_through,
            done.tried - done.came_through
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// A day begins at its midnight in UTC.
fn instant(text: &str) -> anyhow::Result<OffsetDateTime> {
    if let Ok(day) = Date::parse(text, &Iso8601::DATE) {
        return Ok(day.midnight().assume_utc());
    }
    OffsetDateTime::parse(text, &Rfc3339)
        .context("is neither a day such as 2026-11-22 nor a time such as 2026-11-22T06:00:00Z")
}
