use super::DatabaseArgs;
use crate::app::BaseUrl;
use crate::clock::Clock;
use crate::config::Production;
use crate::payments::Gateways;
use crate::payments::check::{Clocked, clocks};
use crate::payments::settings::GatewaySettings;
use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    production: Production,
    #[command(flatten)]
    gateways: GatewaySettings,
}

impl Check {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mut wrong: Vec<String> = self
            .production
            .missing(self.database.url())
            .iter()
            .map(|setting| format!("{setting}: is missing"))
            .collect();
        let (clock, base_url) = (Clock::real(), BaseUrl::new(self.production.base_url.as_deref().unwrap_or_default()));
        match self.gateways.gateways(&base_url, &clock) {
            Ok(gateways) if gateways.is_empty() => wrong.push("no payment gateway is set up".to_owned()),
            Ok(gateways) => match Gateways::production(gateways) {
                Ok(gateways) => wrong.extend(ask(&gateways, &clock).await),
                Err(pretends) => wrong.push(pretends.to_string()),
            },
            Err(problems) => wrong.extend(problems.iter().map(ToString::to_string)),
        }
        for line in &wrong {
            println!("wrong  {line}");
        }
        println!("{} problems", wrong.len());
        Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Each gateway's answer, and what is wrong with it.
async fn ask(gateways: &Gateways, clock: &Clock) -> Vec<String> {
    let mut wrong = vec![];
    for Clocked { gateway, apart } in clocks(gateways, clock).await {
        match apart {
            Ok(apart) if apart.is_fine() => println!("ok     {gateway}: answers, its clock is {apart} from ours"),
            Ok(apart) => wrong.push(format!("{gateway}: its clock is {apart} from ours; set this machine's clock")),
            Err(error) => wrong.push(format!("{gateway}: {error}")),
        }
    }
    wrong
}
